import { describeDefault } from '../lib/settings/describe-default.ts';
import { flagName, type Setting, variablesOf } from '../lib/settings/settings.ts';
import type { Command } from './command.ts';

/** Renders docs/settings.md: every flag of every command with its variable and default. */
export function renderSettingsPage(commands: readonly (readonly [name: string, command: Command])[]): string {
  const head = [
    '# Settings',
    '',
    'Generated from the code; `UPDATE_GOLDEN=1 npm test` writes it again. A flag overrides its variable, and the variable overrides the default.',
    'A switch is on if only its name is given, and off with `=false`. Durations have the form `30s`, `1m30s` or `2h`.',
    'An empty value is an error, unless the default is empty or the table says what it does: an unset variable in a script must not switch off a guard. Variables that others define, such as `AWS_REGION`, and some flags of the AWS webhook count as not set if they are empty.',
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
  const { help, short, required } = setting;
  const value = setting.value ? ` ${setting.value.replaceAll('|', '\\|')}` : '';
  const letter = short ? `, \`-${short}\`` : '';
  const shown = required ? 'required' : (describeDefault(setting, (literal) => `\`${literal}\``) ?? '');
  const variables = variablesOf(key, setting)
    .map((variable) => `\`${variable}\``)
    .join(', ');
  return `| \`--${flagName(key)}${value}\`${letter} | ${variables} | ${shown} | ${help} |`;
}
