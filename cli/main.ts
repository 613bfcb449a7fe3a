import { CommanderError } from 'commander';
import { codeOf, describeFaultWithCode, messageOf, PodroleError } from '../lib/errors.ts';
import packageJson from '../package.json' with { type: 'json' };
import { EXIT, type ExitCode, type Terminal } from './command.ts';
import type { CommandEntry, CommandGroups } from './command-entry.ts';
import { buildProgram } from './program.ts';

/** The commands of a program: all of `table.ts`, or those of `sidecar-table.ts` alone. */
export interface Commands {
  readonly commandTable: readonly CommandEntry[];
  readonly commandGroups: CommandGroups;
}

/** Faults of the call itself rather than of what it met. */
const USAGE_CODES = new Set(['INVALID_SETTING', 'MISSING_SETTING', 'USAGE']);

/**
 * Runs the command of this process's arguments and sets its exit code.
 * @param usual command to run if the first argument does not name one
 */
export async function main(commands: Commands, usual?: string): Promise<void> {
  const stopping = new AbortController();
  const args = process.argv.slice(2);
  const { stdin, stdout, stderr, env } = process;
  let isHeeded = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stopping.abort();
      if (isHeeded) return;
      stderr.write(describeFailure(interruptedBy(signal), wantsJson(args)));
      endBySignal(signal);
    });
  }
  outliveOutput(wantsJson(args));
  const terminal: Terminal = {
    ...{ stdin, stdout, stderr, env },
    /** A command that does not take it ends at once. */
    get signal() {
      isHeeded = true;
      return stopping.signal;
    },
  };
  const isNamed = usual === undefined || commands.commandTable.some(({ name }) => name === args[0]);
  process.exitCode = await run(isNamed ? args : [usual, ...args], terminal, commands);
  exitWhenWritten();
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
 * Usually the process ends by itself. An operation that was given up, because a file system does not answer,
 * would keep it.
 */
function exitWhenWritten(): void {
  const { stdout, stderr } = process;
  setInterval(() => {
    if (stdout.writableLength + stderr.writableLength > 0) return;
    if (process.exitCode === EXIT.ok) process.exit();
    endBySignal('SIGTERM');
  }, FLUSH_CHECK_MS).unref();
}

/**
 * Ends the process even if one of its threads waits for a file system. `process.exit` waits for all threads.
 */
function endBySignal(signal: 'SIGTERM' | 'SIGINT'): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // The first process of a container does not receive its own signals.
  process.exit(EXIT.failed);
}

function interruptedBy(signal: string): PodroleError {
  const problem = `was interrupted by ${signal}`;
  return new PodroleError({ code: 'STOPPED', object: 'podrole', problem, remedy: 'run again' });
}

/** Runs one command line. Every failure is printed on stderr and shows in the exit code. */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  { commandTable, commandGroups }: Commands,
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  try {
    const { version } = packageJson;
    const program = await buildProgram(commandTable, commandGroups, args, version, terminal, (code) => {
      exitCode = code;
    });
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    terminal.stderr.write(describeFailure(thrown, wantsJson(args)));
    return thrown instanceof PodroleError && thrown.faults.every(({ code }) => USAGE_CODES.has(code))
      ? EXIT.usage
      : EXIT.failed;
  }
}

function describeFailure(thrown: unknown, asJson: boolean): string {
  const faults = thrown instanceof PodroleError ? thrown.faults : undefined;
  if (asJson)
    return `${JSON.stringify({ errors: faults ?? [{ code: 'UNEXPECTED', problem: messageOf(thrown) }] })}\n`;
  if (faults) return faults.map((fault) => `error: ${describeFaultWithCode(fault)}\n`).join('');
  const trace = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return `error: a bug of podrole; please report it with the lines below [UNEXPECTED]\n${trace}\n`;
}

function wantsJson(args: readonly string[]): boolean {
  return args.some(
    (arg, at) =>
      /^(?:-o|--output=)(?:plan-)?json$/.test(arg) ||
      (isOutputFlag(args[at - 1]) && /^(?:plan-)?json$/.test(arg)),
  );
}

function isOutputFlag(arg: string | undefined): boolean {
  return arg === '-o' || arg === '--output';
}
