import { printable } from '../../../lib/text/printable.ts';
import { redactSecrets } from '../../../lib/text/redact.ts';

/** Commands of one step, as the pages show them. */
export interface StepCommands {
  readonly run: readonly string[];
  readonly verify: readonly string[];
  readonly undo: readonly string[];
}

/** Returns the paragraphs of a page. Empty ones are left out. */
export function page(...paragraphs: readonly string[]): string {
  return `${paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')}\n`;
}

/** Returns the commands of a step with a heading for each group that is not empty. */
export function commandSections(level: '##' | '###', { run, verify, undo }: StepCommands): string {
  const sections = [
    ['Run', run],
    ['Verify', verify],
    ['Undo', undo],
  ] as const;
  return sections
    .filter(([, commands]) => commands.length > 0)
    .map(([heading, commands]) => `${level} ${heading}\n\n${codeBlock(commands)}`)
    .join('\n\n');
}

export function codeBlock(lines: readonly string[], language: 'sh' | 'console' = 'sh'): string {
  const code = lines.join('\n');
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${code}\n${fence}`;
}

export function bulletList(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** @param rows cells that are Markdown already */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** Returns a string from the cluster or from IAM as Markdown that shows it as it is, on one line. */
export function markdownText(text: string): string {
  return printable(redactSecrets(text)).replace(/[\\`*_{}[\]<>()#|~!&]/g, '\\$&');
}

/** Returns it as code, unless it could end the code. */
export function markdownCode(text: string): string {
  const safe = printable(text);
  return /[`|]/.test(safe) ? markdownText(text) : `\`${safe}\``;
}
