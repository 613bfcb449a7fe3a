import { Command as CommanderCommand, Option } from 'commander';
import { describeDefault, flagName, type Setting, variableName } from '../lib/settings.ts';
import { type Command, EXIT, type ExitCode, type Terminal } from './command.ts';
import type { CommandEntry } from './table.ts';

const EXIT_CODES = `
Exit codes: ${EXIT.ok} done, ${EXIT.failed} failed, ${EXIT.usage} called with settings that can't work.
Every option can also be set by a variable: --token-audience by PODROLE_TOKEN_AUDIENCE.`;

/**
 * The command line of podrole as commander understands it. Only the command that is called is loaded with its options.
 * @param called the first argument
 * @param onExit gets the exit code of the command that ran
 */
export async function buildProgram(
  entries: readonly CommandEntry[],
  called: string | undefined,
  version: string,
  terminal: Terminal,
  onExit: (code: ExitCode) => void,
): Promise<CommanderCommand> {
  const program = new CommanderCommand('podrole')
    .description('An AWS IAM role for every Kubernetes pod, on any cluster.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', `\nSee podrole <command> --help for its options and examples.\n${EXIT_CODES}`)
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .exitOverride();
  for (const { name, summary, load } of entries) {
    const subcommand = program.command(name).summary(summary).copyInheritedSettings(program);
    subcommand.helpOption('-h, --help', 'print this help');
    if (name === called) describe(subcommand, await load(), terminal, onExit);
  }
  return program;
}

function describe(
  subcommand: CommanderCommand,
  command: Command,
  terminal: Terminal,
  onExit: (code: ExitCode) => void,
): void {
  const examples = command.examples
    .map(([line, purpose]) => `  # ${purpose}\n  podrole ${line}`)
    .join('\n\n');
  subcommand
    .description(command.description)
    .addHelpText('after', `\nExamples:\n${examples}\n${EXIT_CODES}`)
    .allowExcessArguments(false)
    .action(async (given: Record<string, unknown>) => onExit(await command.start(given, terminal)));
  for (const [name, setting] of Object.entries(command.settings)) {
    for (const option of optionsOf(name, setting)) subcommand.addOption(option);
  }
}

function optionsOf(name: string, setting: Setting<unknown>): Option[] {
  const short = setting.short ? `-${setting.short}, ` : '';
  const value = setting.placeholder ? ` ${setting.placeholder}` : ' [boolean]';
  const main = new Option(`${short}--${flagName(name)}${value}`, `${setting.help}${remark(name, setting)}`);
  const aliases = (setting.aliases ?? []).map(
    (alias) => new Option(`--${flagName(alias)}${value}`, `Same as --${flagName(name)}`),
  );
  const options = [main, ...aliases];
  if (setting.many) for (const option of options) option.argParser(collect);
  return options;
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** What the default is, or which variable takes the flag's place. */
function remark(name: string, setting: Setting<unknown>): string {
  if (setting.required) return ` (required; or ${variableName(name)})`;
  const fallback = describeDefault(setting);
  return fallback === undefined ? '' : ` (default: ${fallback})`;
}
