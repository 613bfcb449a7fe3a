import { printable } from '../../lib/text/printable.ts';
import type { BindingRow } from './binding-row.ts';

const HEAD = ['NAMESPACE', 'SERVICEACCOUNT', 'STATE', 'ROLE', 'DETAILS'] as const;

/**
 * Renders rows for a person, as aligned columns with two blanks between them. `-` stands for a missing value.
 */
export function renderTable(rows: readonly BindingRow[]): string {
  if (rows.length === 0) return 'no bindings found\n';
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines
    .map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function cellsOf(row: BindingRow): readonly string[] {
  const details = row.details.join('; ');
  const ofContainer = row.container === undefined ? '' : `/${row.container}`;
  const account = `${row.serviceAccount ?? '-'}${ofContainer}`;
  return [row.namespace ?? '-', account, row.state, row.roleArn ?? '-', details].map(printable);
}
