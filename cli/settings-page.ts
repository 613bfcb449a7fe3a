import { describeDefault, flagName, type Setting, variablesOf } from '../lib/settings/settings.ts';
import type { Command } from './command.ts';

/** docs/settings.md: every flag of every command with its variable and default, as Markdown. */
export function renderSettingsPage(commands: readonly (readonly [name: string, command: Command])[]): string {
  const head = [
    '# Settings',
    '',
    'Generated from the code; `UPDATE_GOLDEN=1 npm test` writes it anew. A flag beats its variable, the variable beats the default.',
    'A switch is on by its bare name and off by `=false`. Durations are written as `30s`, `1m30s`, `2h`.',
    'An empty value is an error, unless it is the default: an unset variable in a script must not switch off a guard. Some variables of others, such as `AWS_REGION`, and flags of the AWS webhook count as not set when empty.',
  ];
  return `${[...head, ...commands.flatMap(([name, command]) => section(name, command))].join('\n')}\n`;
}

function section(name: string, { settings }: Command): string[] {
  const rows = Object.entries(settings).flatMap(([key, setting]) =>
    [key, ...(setting.aliases ?? [])].map((flag) => row(flag, setting)),
  );
  return ['', `## podrole ${name}`, '', '| flag | variable | default | |', '|---|---|---|---|', ...rows];
}

function row(key: string, setting: Setting<unknown>): string {
  const { placeholder, help, short, required } = setting;
  const value = placeholder ? ` ${placeholder.replaceAll('|', '\\|')}` : '';
  const letter = short ? `, \`-${short}\`` : '';
  const fallback = describeDefault(setting);
  const shown = required ? 'required' : fallback === undefined ? '' : `\`${fallback}\``;
  const variables = variablesOf(key, setting)
    .map((variable) => `\`${variable}\``)
    .join(', ');
  return `| \`--${flagName(key)}${value}\`${letter} | ${variables} | ${shown} | ${help} |`;
}
