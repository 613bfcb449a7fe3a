import type { Paint, Style } from '../../lib/text/paint.ts';
import { printable } from '../../lib/text/printable.ts';
import { type BindingRow, isHealthy } from './binding-row.ts';

const HEAD = ['NAMESPACE', 'SERVICEACCOUNT', 'STATE', 'ROLE'] as const;
const STATE_COLUMN = HEAD.indexOf('STATE');

/**
 * Renders rows for a person, as aligned columns with two blanks between them. `-` stands for a missing value.
 * Details follow their row, indented: in a column of their own they would not fit beside the role.
 */
export function renderTable(rows: readonly BindingRow[], paint: Paint): string {
  if (rows.length === 0) return 'no bindings found\n';
  const table = rows.map((row) => ({ row, cells: cellsOf(row) }));
  const widths = HEAD.map((head, column) =>
    table.reduce((width, { cells }) => Math.max(width, cells[column]?.length ?? 0), head.length),
  );
  const line = (cells: readonly string[], style?: Style) => {
    const padded = cells.map((cell, column) =>
      column === HEAD.length - 1 ? cell : cell.padEnd(widths[column] ?? 0),
    );
    const painted = padded.map((cell, column) =>
      style && column === STATE_COLUMN ? paint(style, cell) : cell,
    );
    return `${painted.join('  ')}\n`;
  };
  return [
    paint('heading', line(HEAD).trimEnd()).concat('\n'),
    ...table.flatMap(({ row, cells }) => [
      line(cells, styleOf(row)),
      ...targetLines(row),
      ...row.details.map((detail) => `    ${printable(detail)}\n`),
    ]),
  ].join('');
}

function targetLines({ target }: BindingRow): readonly string[] {
  if (!target) return [];
  const { roleArn, hasSessionTags, state, details } = target;
  const tags = hasSessionTags ? '' : ', without session tags';
  return [
    `    ${printable(`target role ${roleArn}${tags}: ${state}`)}\n`,
    ...details.map((detail) => `      ${printable(detail)}\n`),
  ];
}

function styleOf(row: BindingRow): Style | undefined {
  if (row.state === 'wildcard') return 'alarm';
  if (row.state === 'bound' && isHealthy(row)) return 'created';
  return isHealthy(row) ? undefined : 'changed';
}

function cellsOf(row: BindingRow): readonly string[] {
  const ofContainer = row.container === undefined ? '' : `/${row.container}`;
  const account = `${row.serviceAccount ?? '-'}${ofContainer}`;
  return [row.namespace ?? '-', account, row.state, row.roleArn ?? '-'].map(printable);
}
