import { stringify } from 'yaml';

/** Format of a result for programs. */
export type ProgramFormat = 'json' | 'yaml';

/** Renders a result for programs, with a newline at its end. Both formats leave out the same members. */
export function renderForPrograms(result: unknown, format: ProgramFormat): string {
  const json = JSON.stringify(result, null, 2);
  if (format === 'json') return `${json}\n`;
  return stringify(JSON.parse(json), { lineWidth: 0, aliasDuplicateObjects: false });
}
