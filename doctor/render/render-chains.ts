import { counted } from '../../lib/text/counted.ts';
import type { Paint, Style } from '../../lib/text/paint.ts';
import { printable } from '../../lib/text/printable.ts';
import type { JudgedChain, Verdict } from '../judge/verdict.ts';
import { renderChain, renderTroubles } from './render-chain.ts';
import { linkTitle } from './render-finding.ts';

const STYLES: Readonly<Record<Verdict, Style>> = { healthy: 'created', broken: 'alarm', unknown: 'place' };
const HEAD = ['NAMESPACE', 'NAME', 'STATE', 'ROLE'] as const;
const STATE_COLUMN = HEAD.indexOf('STATE');

/** Renders several chains: a table, then what is wrong with those that are not healthy, then totals. */
export function renderChains(chains: readonly JudgedChain[], paint: Paint): string {
  const [only, second] = chains;
  if (only && !second) return renderChain(only, paint);
  const ill = chains.filter(({ verdict }) => verdict !== 'healthy');
  return [
    renderTable(chains, paint),
    ...ill.map((chain) => `\n${renderTroubles(chain, paint)}`),
    `\n${renderTotals(chains)}\n`,
    ill.length > 0 ? 'To see every link of a chain, judge it alone, or use -o json.\n' : '',
  ].join('');
}

function renderTable(chains: readonly JudgedChain[], paint: Paint): string {
  const rows = chains.map((chain) => ({ style: STYLES[chain.verdict], cells: cellsOf(chain) }));
  const widths = HEAD.map((head, column) =>
    rows.reduce((width, { cells }) => Math.max(width, cells[column]?.length ?? 0), head.length),
  );
  const line = (cells: readonly string[], style?: Style) =>
    cells
      .map((cell, column) => (column === HEAD.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .map((cell, column) => (style && column === STATE_COLUMN ? paint(style, cell) : cell))
      .join('  ');
  return [paint('heading', line(HEAD)), ...rows.map(({ cells, style }) => line(cells, style))]
    .map((text) => `${text}\n`)
    .join('');
}

function cellsOf(chain: JudgedChain): readonly string[] {
  const { subject, container, grant } = chain.facts;
  const kind = subject.kind === 'serviceaccount' ? '' : `${subject.kind}/`;
  const own = container === undefined ? '' : `/${container}`;
  return [subject.namespace, `${kind}${subject.name}${own}`, stateOf(chain), grant?.roleArn ?? '-'].map(
    printable,
  );
}

function stateOf({ verdict, firstBroken, findings }: JudgedChain): string {
  if (firstBroken) return `BROKEN: ${linkTitle(firstBroken.link)}`;
  const warnings = findings.filter(({ state }) => state === 'warning').length;
  return warnings === 0 ? verdict : `${verdict}, ${counted(warnings, 'warning')}`;
}

function renderTotals(chains: readonly JudgedChain[]): string {
  const count = (verdict: Verdict) => chains.filter((chain) => chain.verdict === verdict).length;
  return `${counted(chains.length, 'chain')}: ${count('healthy')} healthy, ${count('broken')} broken, ${count('unknown')} unknown`;
}
