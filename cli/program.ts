import { Command as CommanderCommand, Option } from 'commander';
import { PodroleError } from '../lib/errors.ts';
import { describeDefault } from '../lib/settings/describe-default.ts';
import { flagName, type Setting, variablesOf } from '../lib/settings/settings.ts';
import { NO_COLOR_FLAG } from './color.ts';
import { type Command, EXIT, type ExitCode, type Terminal } from './command.ts';
import type { CommandEntry, CommandGroups } from './command-entry.ts';
import { refuseExcess, requireSeparator } from './command-line/excess-operands.ts';
import { separateToggles } from './command-line/separate-toggles.ts';
import { groupFlags, sharedHeading } from './help/flag-groups.ts';
import { TOGGLE, withCommandsFirst, withExamplesFirst } from './help/help-layout.ts';

/** `main` takes the flag out of the command line before it is parsed. */
const NO_COLOR_HELP = 'print without colors (default: NO_COLOR, else colors on a terminal)';

const WITH_EXIT_CODE = 'changes (with --exit-code)';

/**
 * @param one meaning of exit code 1; undefined if the command never ends with it
 * @param lines all of it for a command that runs another program
 */
function exitCodes(one: string | undefined, lines?: string): string {
  const meanings = [
    `${EXIT.ok} done`,
    ...(one === undefined ? [] : [`${EXIT.changes} ${one}`]),
    `${EXIT.usage} wrong usage`,
    `${EXIT.failed} failed`,
  ];
  return `
${lines ?? `Exit codes: ${meanings.join(', ')}.`}
Every option can also be set by a variable: --token-audience by
PODROLE_TOKEN_AUDIENCE.`;
}

function meaningOfOne({ settings, exitsWithOne }: Command): string | undefined {
  return exitsWithOne ?? ('exitCode' in settings ? WITH_EXIT_CODE : undefined);
}

interface Program {
  readonly commandTable: readonly CommandEntry[];
  readonly commandGroups: CommandGroups;
  /** The command line; its first one or two words name the command. */
  readonly args: readonly string[];
  readonly version: string;
  readonly terminal: Terminal;
}

/**
 * Runs the command that a command line names. Only that command is loaded, with its options.
 * @throws CommanderError after help or the version is printed, and for a wrong command line
 */
export async function runProgram(program: Program): Promise<ExitCode> {
  const { terminal } = program;
  const args = asHelpFlag(program.args, program.commandTable);
  let exitCode: ExitCode | undefined;
  const root = new CommanderCommand('podrole')
    .description('An AWS IAM role for every Kubernetes pod, on any cluster.')
    .version(program.version, '-V, --version', 'print the version')
    .configureHelp(withCommandsFirst())
    .helpOption('-h, --help', 'print this help')
    .addOption(new Option(NO_COLOR_FLAG, NO_COLOR_HELP))
    .helpCommand(false)
    .addHelpText(
      'after',
      `\nSee podrole <command> --help for its options and examples.\n${exitCodes(WITH_EXIT_CODE)}`,
    )
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      // Printed by the caller, as every other error.
      outputError: () => undefined,
    })
    .exitOverride();
  const called = findCalled(program.commandTable, args);
  if (!called) refuseOptionsFirst(args);
  const command = await called?.entry.load();
  addCommands(root, program, (subcommand, entry) => {
    if (entry !== called?.entry || !command) return;
    describe(subcommand, entry.name, command);
    subcommand.action(async () => {
      if (command.runsCommand) requireSeparator(args, subcommand.args);
      refuseExcess(subcommand.args, command);
      exitCode = await command.start(subcommand.opts(), terminal, subcommand.args);
    });
  });
  const own = args.slice(called?.words ?? args.length);
  const others = args.slice(0, args.length - own.length);
  await root.parseAsync([...others, ...(command ? separateToggles(own, command.settings) : own)], {
    from: 'user',
  });
  // `podrole keys -- create`: nothing ran.
  if (exitCode === undefined) throw notACommand('names no command');
  return exitCode;
}

/**
 * `podrole help keys create` is `podrole keys create --help`. Whatever follows the name of a command is left
 * out: help never runs a command. Without a known command there is no `--help`, so that the parser reports
 * the unknown one.
 */
function asHelpFlag(args: readonly string[], entries: readonly CommandEntry[]): readonly string[] {
  if (args[0] !== 'help') return args;
  const words = args.slice(1).filter((word) => word !== '--');
  const called = findCalled(entries, words);
  if (called) return [...words.slice(0, called.words), '--help'];
  const [group, ...more] = words;
  const isGroup = more.length === 0 && entries.some(({ name }) => name.startsWith(`${group} `));
  return group === undefined || isGroup ? [...words, '--help'] : words.slice(0, 2);
}

const ROOT_OPTIONS = ['-h', '--help', '-V', '--version'];

/** @throws PodroleError `USAGE` if options, or `--`, come before the command, so that nothing would run */
function refuseOptionsFirst(args: readonly string[]): void {
  const [first = ''] = args;
  if (args.length < 2 || !first.startsWith('-') || ROOT_OPTIONS.includes(first)) return;
  // Without its value, which may be a token.
  throw notACommand(`begins with ${first.slice(0, 100).replace(/=.*/s, '')}`);
}

function notACommand(problem: string): PodroleError {
  const remedy = 'write the command first: podrole COMMAND [options]';
  return new PodroleError({ code: 'USAGE', object: 'command line', problem, remedy });
}

/** Returns the command that the first words name, and how many words that takes. */
function findCalled(
  entries: readonly CommandEntry[],
  args: readonly string[],
): { entry: CommandEntry; words: number } | undefined {
  for (const words of [2, 1]) {
    const entry = entries.find(({ name }) => name === args.slice(0, words).join(' '));
    if (entry) return { entry, words };
  }
  return undefined;
}

function addCommands(
  root: CommanderCommand,
  { commandTable, commandGroups }: Program,
  complete: (subcommand: CommanderCommand, entry: CommandEntry) => void,
): void {
  const groups = new Map<string, CommanderCommand>();
  for (const entry of commandTable) {
    const [first = '', second] = entry.name.split(' ');
    if (second === undefined) {
      complete(addCommand(root, first, entry).helpGroup(entry.group), entry);
      continue;
    }
    const summary = commandGroups[first] ?? '';
    const group =
      groups.get(first) ??
      addCommand(root, first, { summary })
        .helpGroup(entry.group)
        .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
        .addHelpText('after', `\nSee podrole ${first} <command> --help for its options and examples.`);
    groups.set(first, group);
    complete(addCommand(group, second, entry), entry);
  }
}

function addCommand(
  parent: CommanderCommand,
  name: string,
  { summary }: Pick<CommandEntry, 'summary'>,
): CommanderCommand {
  return parent
    .command(name)
    .summary(summary)
    .copyInheritedSettings(parent)
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false);
}

function describe(subcommand: CommanderCommand, name: string, command: Command): void {
  subcommand
    .description(command.description)
    .configureHelp(withExamplesFirst(command))
    .addHelpText('after', exitCodes(meaningOfOne(command), command.runsCommand))
    .allowExcessArguments(true);
  for (const { placeholder, help } of command.operands ?? []) subcommand.argument(placeholder, help);
  if (command.runsCommand) subcommand.usage(`[options] -- ${placeholdersOf(command)}`);
  for (const { heading, names } of groupFlags(name, command.settings)) {
    for (const flag of names) {
      const setting = command.settings[flag];
      if (!setting) continue;
      for (const option of optionsOf(flag, setting)) subcommand.addOption(option.helpGroup(heading));
    }
  }
  const heading = sharedHeading(command.settings);
  subcommand.addOption(new Option(NO_COLOR_FLAG, NO_COLOR_HELP).helpGroup(heading));
  subcommand.addHelpOption(new Option('-h, --help', 'print this help').helpGroup(heading));
}

function placeholdersOf({ operands = [] }: Command): string {
  return operands.map(({ placeholder }) => placeholder).join(' ');
}

function optionsOf(name: string, setting: Setting<unknown>): Option[] {
  const short = setting.short ? `-${setting.short}, ` : '';
  const value = setting.value ? ` ${setting.value}` : setting.default === true ? TOGGLE.on : TOGGLE.off;
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
