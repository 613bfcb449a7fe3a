import { CommanderError } from 'commander';
import { codeOf, describeFaultWithCode, messageOf, PodroleError } from '../lib/errors.ts';
import { printable } from '../lib/text/printable.ts';
import { redactSecrets } from '../lib/text/redact.ts';
import packageJson from '../package.json' with { type: 'json' };
import { isColored, withoutColorFlag } from './color.ts';
import { EXIT, type ExitCode, type Terminal } from './command.ts';
import type { CommandEntry, CommandGroups } from './command-entry.ts';
import { adviseByHabit } from './command-line/habits.ts';
import { wantsJson } from './command-line/wants-json.ts';
import type { InternalCommand } from './internal-command.ts';
import { runProgram } from './program.ts';
import { type EndingSignal, endBySignal, handleSignals } from './signals.ts';

/** The commands of a program: all of `table.ts`, or those of `sidecar-table.ts` alone. */
export interface Commands {
  readonly commandTable: readonly CommandEntry[];
  readonly commandGroups: CommandGroups;
  readonly internalCommands?: readonly InternalCommand[];
}

/** Faults of the call itself rather than of what it met. */
const USAGE_CODES = new Set(['INVALID_SETTING', 'MISSING_SETTING', 'USAGE']);

/**
 * Runs the command of this process's arguments and sets its exit code.
 * @param usual command to run if the first argument does not name one
 */
export async function main(commands: Commands, usual?: string): Promise<void> {
  const args = process.argv.slice(2);
  const { stdin, stdout, stderr, env } = process;
  const asJson = wantsJson(args, env);
  const { deferred, ...signals } = handleSignals(
    {
      onInterrupted: (signal) => stderr.write(describeFailure(interruptedBy(signal), asJson)),
      onDeferred: () => {
        if (!asJson) stderr.write('finishing the change in progress; interrupt again to end at once\n');
      },
    },
    EXIT.failed,
  );
  outliveOutput(asJson);
  const terminal: Terminal = {
    ...{ stdin, stdout, stderr, env, ...signals },
    isColored: isColored(args, env, { stdout, stderr }),
  };
  const [first] = withoutColorFlag(args);
  const isNamed = usual === undefined || commands.commandTable.some(({ name }) => name === first);
  process.exitCode = await run(isNamed ? args : [usual, ...args], terminal, commands);
  exitWhenWritten(deferred());
}

/**
 * Lets a command run to its end when its output cannot be written: it may be in the middle of changes. The
 * reader of a pipe, such as `head`, may close it early, which is not a failure.
 */
function outliveOutput(asJson: boolean): void {
  const { stdout, stderr } = process;
  let isLost = false;
  stderr.on('error', () => undefined);
  stdout.on('error', (error) => {
    if (isLost || codeOf(error) === 'EPIPE') return;
    isLost = true;
    const remedy = 'check what this run changed, and run again where the output can be written';
    const fault = { code: 'NOT_WRITTEN', object: 'stdout', problem: messageOf(error), remedy } as const;
    stderr.write(describeFailure(new PodroleError(fault), asJson));
  });
  process.once('exit', (exitCode) => {
    if (isLost && exitCode === EXIT.ok) process.exitCode = EXIT.failed;
  });
}

const FLUSH_CHECK_MS = 1_000;

/**
 * Ends the process by the signal that came during changes. Otherwise the process usually ends by itself. An
 * operation that was given up would keep it: `process.exit` ends it, unless a file system does not answer.
 */
function exitWhenWritten(signal: EndingSignal | undefined): void {
  const { stdout, stderr } = process;
  const end = () => {
    if (stdout.writableLength + stderr.writableLength > 0) return;
    if (!signal && (process.exitCode === EXIT.ok || !waitsForFiles())) process.exit();
    endBySignal(signal ?? 'SIGTERM', EXIT.failed);
  };
  if (signal) end();
  setInterval(end, FLUSH_CHECK_MS).unref();
}

function waitsForFiles(): boolean {
  return process.getActiveResourcesInfo().some((kind) => kind.startsWith('FSReq'));
}

function interruptedBy(signal: string): PodroleError {
  const problem = `was interrupted by ${signal}`;
  return new PodroleError({ code: 'STOPPED', object: 'podrole', problem, remedy: 'run again' });
}

/** Runs one command line. Every failure is printed on stderr and shows in the exit code. */
export async function run(
  given: readonly string[],
  terminal: Terminal,
  { commandTable, commandGroups, internalCommands = [] }: Commands,
): Promise<ExitCode> {
  const internal = internalCommands.find(({ name }) => name === given[0]);
  if (internal) return (await internal.load())(given.slice(1), terminal, { commandTable, commandGroups });
  const args = withoutColorFlag(given);
  const asJson = wantsJson(args, terminal.env);
  try {
    const { version } = packageJson;
    return await runProgram({ commandTable, commandGroups, args, version, terminal });
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.ok;
    // Printed instead of an error: the help of a group whose command is missing.
    if (thrown instanceof CommanderError && thrown.code === 'commander.help') return EXIT.usage;
    const failure = thrown instanceof CommanderError ? usageError(thrown, args) : thrown;
    terminal.stderr.write(describeFailure(failure, asJson));
    return failure instanceof PodroleError && failure.faults.every(({ code }) => USAGE_CODES.has(code))
      ? EXIT.usage
      : EXIT.failed;
  }
}

/** More of a wrong word than an error repeats. */
const LONG_WORD = /([^\s']{100})[^\s']+/g;

/**
 * The messages of commander are `error: unknown option '--x=value'`, and may end with `(Did you mean --y?)`.
 * The value is left out: the option may be a misspelt one for a token.
 */
function usageError({ message }: CommanderError, args: readonly string[]): PodroleError {
  const [, meant] = /\n\(Did you mean ([^\n]*)\?\)$/.exec(message) ?? [];
  const problem = message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean [^\n]*$/, '')
    .replace(/^(unknown option '[^=]*)=.*'$/s, "$1'")
    .replace(LONG_WORD, '$1…');
  const [, unknown = ''] = /^unknown (?:command|option) '([^']*)'$/.exec(problem) ?? [];
  const nearest = meant === undefined ? 'see --help' : `did you mean ${meant}?`;
  const remedy = adviseByHabit(args, unknown) ?? nearest;
  return new PodroleError({ code: 'USAGE', object: 'command line', problem, remedy });
}

function describeFailure(thrown: unknown, asJson: boolean): string {
  const faults = thrown instanceof PodroleError ? thrown.faults : undefined;
  if (asJson)
    return `${JSON.stringify({ errors: faults ?? [{ code: 'UNEXPECTED', problem: printable(redactSecrets(messageOf(thrown))) }] })}\n`;
  if (faults) return faults.map((fault) => `error: ${describeFaultWithCode(fault)}\n`).join('');
  const trace = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  const lines = redactSecrets(trace).split('\n').map(printable).join('\n');
  return `error: a bug of podrole; please report it with the lines below [UNEXPECTED]\n${lines}\n`;
}
