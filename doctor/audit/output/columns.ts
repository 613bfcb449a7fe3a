/** Longest name of Kubernetes with a kind before it. A longer cell does not widen the rows of all others. */
const MAX_WIDTH = 300;

/** Renders rows as aligned columns with two blanks between them. The last column is not padded. */
export function renderColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [at, cell] of row.entries())
      widths[at] = Math.min(MAX_WIDTH, Math.max(widths[at] ?? 0, cell.length));
  return rows.map((row) =>
    row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  '),
  );
}
