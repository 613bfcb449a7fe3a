import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { codeOf, type Fault, messageOf, PodroleError } from '../../lib/errors.ts';
import type { CommandEnd } from '../../lib/outcome.ts';
import type { SignalHandling } from '../../lib/surroundings.ts';

export interface CommandSurroundings extends Pick<SignalHandling, 'passSignals'> {
  readonly env: Readonly<Record<string, string>>;
  /**
   * True if a terminal sends its signals to the command as well: Ctrl-C is not passed on then. Many programs
   * take a second SIGINT as a request to end at once.
   */
  readonly isOnTerminal: boolean;
}

/** Signals that a terminal sends to all processes in its foreground. */
const OF_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT']);

/** Exit codes of POSIX shells. POSIX.1-2024, Shell Command Language, section 2.8.2 */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
const BY_SIGNAL = 128;

/** A command that could not be started, with the exit code that a shell has then. */
export class CommandNotStarted extends PodroleError {
  readonly exitCode: number;

  constructor(file: string, thrown: unknown) {
    const isMissing = file === '' || codeOf(thrown) === 'ENOENT';
    super(
      {
        code: 'COMMAND_NOT_STARTED',
        object: file.slice(0, LONGEST_NAME) || 'the command',
        ...problemOf(file, thrown),
      },
      { cause: thrown },
    );
    this.exitCode = isMissing ? NOT_FOUND : NOT_EXECUTABLE;
  }
}

const LONGEST_NAME = 200;

function problemOf(file: string, thrown: unknown): Pick<Fault, 'problem' | 'remedy'> {
  const remedy = 'name a program of the PATH or an executable file';
  if (file === '') return { problem: 'has an empty name', remedy };
  const code = codeOf(thrown);
  if (code === 'E2BIG') {
    const problem = 'cannot be executed: its arguments and its environment are too long together';
    return { problem, remedy: 'pass less of both' };
  }
  if (code !== 'ENOENT') return { problem: `cannot be executed: ${messageOf(thrown)}`, remedy };
  const isPath = file.includes('/');
  return {
    problem: `was not found${isPath ? ', or the interpreter in its first line was not' : ''}`,
    remedy,
  };
}

/**
 * Runs a command with the standard streams of this process until it ends. Signals are passed on to it.
 * @returns its exit code; as in a shell, 128 and the number of the signal that ended it
 * @throws CommandNotStarted
 */
export async function runCommand(
  [file = '', ...args]: readonly string[],
  { env, isOnTerminal, passSignals }: CommandSurroundings,
): Promise<CommandEnd> {
  const { promise, resolve, reject } = Promise.withResolvers<CommandEnd>();
  const child = start(file, args, env)
    .on('exit', (code, signal) => {
      resolve({ exitCode: code ?? BY_SIGNAL + (signal === null ? 0 : constants.signals[signal]) });
    })
    .on('error', (thrown) => {
      // Otherwise a signal could not be passed on: the command has another user.
      if (child.pid === undefined) reject(new CommandNotStarted(file, thrown));
    });
  const pass = (signal: NodeJS.Signals) => {
    if (!isOnTerminal || !OF_TERMINAL.has(signal)) child.kill(signal);
  };
  return passSignals(pass, () => promise);
}

/** Node throws some errors of the system at once, and reports others as an event. */
function start(file: string, args: readonly string[], env: CommandSurroundings['env']): ChildProcess {
  try {
    return spawn(file, args, { stdio: 'inherit', env });
  } catch (thrown) {
    throw new CommandNotStarted(file, thrown);
  }
}
