import { Command as CommanderCommand, Help, Option } from 'commander';
import type { FaultCode } from '../lib/errors/code.ts';
import { describeDefault } from '../lib/settings/describe-default.ts';
import { flagName, type Setting, variablesOf } from '../lib/settings/settings.ts';
import { type Command, EXIT, type ExitCode, type Terminal } from './command.ts';
import type { CommandEntry, CommandGroups } from './command-entry.ts';
import { refuseExcess } from './excess-operands.ts';

/** Code of an error in the command line that the parser finds. */
const USAGE: FaultCode = 'USAGE';
/** Line break after the message of commander, before its proposal if it has one. */
const END_OF_MESSAGE = /\n(?=\(Did you mean [^\n]*\n$)|\n$/;

const EXIT_CODES = `
Exit codes: ${EXIT.ok} done, ${EXIT.failed} failed, ${EXIT.usage} called with invalid settings.
Every option can also be set by a variable, such as --token-audience by PODROLE_TOKEN_AUDIENCE.`;

/**
 * Returns the command line of podrole for commander. Only the called command is loaded, with its options.
 * @param args the command line; its first one or two words name the command
 * @param onExit called with the exit code of the command that ran
 */
export async function buildProgram(
  entries: readonly CommandEntry[],
  groups: CommandGroups,
  args: readonly string[],
  version: string,
  terminal: Terminal,
  onExit: (code: ExitCode) => void,
): Promise<CommanderCommand> {
  const program = new CommanderCommand('podrole')
    .description('An AWS IAM role for every Kubernetes pod, on any cluster.')
    .version(version, '-V, --version', 'print the version')
    .configureHelp(HELP_LAYOUT)
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', `\nSee podrole <command> --help for its options and examples.\n${EXIT_CODES}`)
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      outputError: (text, write) => write(text.replace(END_OF_MESSAGE, ` [${USAGE}]\n`)),
    })
    .exitOverride();
  const groupCommands = new Map<string, CommanderCommand>();
  const groupOf = (name: string): CommanderCommand => {
    const group = groupCommands.get(name) ?? addCommand(program, name, groups[name] ?? '');
    groupCommands.set(name, group);
    return group;
  };
  for (const { name, summary, load } of entries) {
    const [first = '', second] = name.split(' ');
    const subcommand =
      second === undefined
        ? addCommand(program, first, summary)
        : addCommand(groupOf(first), second, summary);
    const isCalled = args[0] === first && (second === undefined || args[1] === second);
    if (isCalled) describe(subcommand, await load(), terminal, onExit);
  }
  for (const [name, group] of groupCommands) {
    group
      .description(groups[name] ?? '')
      .addHelpText('after', `\nSee podrole ${name} <command> --help for its options and examples.`);
  }
  return program;
}

/** Columns for flags. A longer flag gets a line of its own, so that its description still fits 80 columns. */
const FLAG_COLUMNS = 36;
const HELP_LAYOUT: Pick<Help, 'padWidth' | 'formatItem'> = {
  padWidth: (command, helper) =>
    Math.min(FLAG_COLUMNS, Help.prototype.padWidth.call(helper, command, helper)),
  formatItem: (flag, columns, description, helper) =>
    helper.displayWidth(flag) <= columns
      ? Help.prototype.formatItem.call(helper, flag, columns, description, helper)
      : `  ${flag}\n${Help.prototype.formatItem.call(helper, '', columns, description, helper)}`,
};

function addCommand(parent: CommanderCommand, name: string, summary: string): CommanderCommand {
  return parent
    .command(name)
    .summary(summary)
    .copyInheritedSettings(parent)
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false);
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
    .allowExcessArguments(true)
    .action(async () => {
      refuseExcess(subcommand.args, command);
      onExit(await command.start(subcommand.opts(), terminal, subcommand.args));
    });
  for (const { placeholder, help } of command.operands ?? []) subcommand.argument(placeholder, help);
  for (const [name, setting] of Object.entries(command.settings)) {
    for (const option of optionsOf(name, setting)) subcommand.addOption(option);
  }
}

function optionsOf(name: string, setting: Setting<unknown>): Option[] {
  const short = setting.short ? `-${setting.short}, ` : '';
  const value = setting.value ? ` ${setting.value}` : ' [boolean]';
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

/** Returns the default of a flag, or the variables that can replace a required one. */
function remark(name: string, setting: Setting<unknown>): string {
  if (setting.required) return ` (required, or set ${variablesOf(name, setting).join(' or ')})`;
  const described = describeDefault(setting);
  const defaults = [...(setting.variables ?? []), ...(described === undefined ? [] : [described])];
  return defaults.length === 0 ? '' : ` (default: ${defaults.join(', else ')})`;
}
