import { describeDefault } from '../../lib/settings/describe-default.ts';
import { flagName, type Setting } from '../../lib/settings/settings.ts';
import { EXIT } from '../command.ts';
import type { CommandEntry } from '../command-entry.ts';

/** Returns the man page podrole(1) as man(7). It has no date, so that a build is reproducible. */
export async function renderMan(commandTable: readonly CommandEntry[], version: string): Promise<string> {
  const commands = await Promise.all(commandTable.map(describeCommand));
  return `${[
    `.TH PODROLE 1 "" "podrole ${escaped(version)}" "User Commands"`,
    '.SH NAME',
    'podrole \\- an AWS IAM role for every Kubernetes pod, on any cluster',
    '.SH SYNOPSIS',
    '.B podrole',
    '.I command',
    '.RI [ options ]',
    '.SH COMMANDS',
    ...commands.flat(),
    '.SH ENVIRONMENT',
    protect(
      'Every option can also be set by a variable: \\-\\-token\\-audience by PODROLE_TOKEN_AUDIENCE. NO_COLOR turns colors off.',
    ),
    '.SH EXIT STATUS',
    protect(
      `${EXIT.ok} done, ${EXIT.changes} changes (with \\-\\-exit\\-code), findings (audit with \\-\\-fail\\-on) or a broken link (doctor), ${EXIT.usage} called wrongly, ${EXIT.failed} failed.`,
    ),
  ].join('\n')}\n`;
}

async function describeCommand({ name, load }: CommandEntry): Promise<readonly string[]> {
  const { description, examples, settings, operands = [] } = await load();
  const usage = [name, ...operands.map(({ placeholder }) => placeholder)].join(' ');
  return [
    `.SS podrole ${escaped(usage)}`,
    '.nf',
    ...description.split('\n').flatMap((line) => wrap(line).map(protect)),
    '.fi',
    ...examples.flatMap(([line, purpose]) => ['.TP', protect(escaped(purpose)), bold(`podrole ${line}`)]),
    ...Object.entries(settings).flatMap(([flag, setting]) => describeFlag(flag, setting)),
  ];
}

function describeFlag(name: string, setting: Setting<unknown>): readonly string[] {
  const short = setting.short ? `-${setting.short}, ` : '';
  const described = describeDefault(setting);
  const remark = setting.required ? ' (required)' : described === undefined ? '' : ` (default: ${described})`;
  const value = setting.value ? ` ${setting.value}` : '';
  return ['.TP', bold(`${short}--${flagName(name)}${value}`), protect(escaped(`${setting.help}${remark}`))];
}

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

/** A backslash and a hyphen have a meaning in roff. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
}

/** A dot or an apostrophe at the begin of a line would be a request. */
function protect(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}

const COLUMNS = 72;

/** Breaks a line at spaces; an indented one stays, since it is part of a table. */
function wrap(line: string): readonly string[] {
  if (line.startsWith(' ')) return [escaped(line)];
  const lines: string[] = [];
  for (const word of line.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < COLUMNS)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map(escaped);
}
