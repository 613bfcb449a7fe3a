import type { Paint } from '../../lib/text/paint.ts';
import { printable } from '../../lib/text/printable.ts';
import type { JudgedContainer, JudgedHost } from './judge-containers.ts';

const HEAD = ['CONTAINER', 'SOURCE', 'ROLE'] as const;

/**
 * Renders the roles of containers for a person, as aligned columns. `-` stands for a missing value. The
 * reason of a refusal follows its row, indented.
 */
export function renderRoles({ containers, unusedRules }: JudgedHost, paint: Paint): string {
  const rows = containers.map((container) => ({ container, cells: cellsOf(container) }));
  const widths = HEAD.map((head, column) =>
    rows.reduce((width, { cells }) => Math.max(width, cells[column]?.length ?? 0), head.length),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const lines = rows.flatMap(({ container: { refused }, cells }) =>
    refused === undefined ? [line(cells)] : [paint('alarm', line(cells)), `    ${printable(refused)}`],
  );
  const withRole = containers.filter(({ role }) => role !== undefined).length;
  return `${[
    ...(lines.length > 0 ? [paint('heading', line(HEAD)), ...lines] : []),
    ...unusedRules.map((at) => `line ${at} of the role file gives no running container a role`),
    `running containers with a role: ${withRole} of ${containers.length}`,
  ].join('\n')}\n`;
}

function cellsOf({ name, as, source, line, isNarrowed, role, refused }: JudgedContainer): readonly string[] {
  const from = line === undefined ? source : `${source}, line ${line}`;
  const narrowed = isNarrowed ? ', narrowed' : '';
  return [
    printable(as === undefined ? name : `${name} (as ${as})`),
    from === undefined ? '-' : `${from}${narrowed}`,
    refused === undefined ? (role ?? '-') : 'refused',
  ];
}
