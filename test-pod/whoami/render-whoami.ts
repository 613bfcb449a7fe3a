import { printable } from '../../lib/text/printable.ts';
import { renderSteps } from '../render-report.ts';
import type { WhoamiReport } from '../report.ts';

/** Returns the report for people. */
export function renderWhoami({ steps, identity, source, expiration }: WhoamiReport): string {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['account', identity?.account],
    ['arn', identity?.arn],
    ['role', identity?.role],
    ['session', identity?.sessionName],
    ['source', source],
    ['expires', expiration],
  ];
  const lines = rows.flatMap(([name, value]) => (value ? [`${name.padEnd(8)} ${printable(value)}\n`] : []));
  return `${lines.join('')}${lines.length > 0 ? '\n' : ''}${renderSteps(steps)}`;
}
