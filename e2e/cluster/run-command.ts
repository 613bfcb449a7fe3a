import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { SetupError } from '../../testing/setup-error.ts';

export interface CommandResult {
  /** Exit code; 1 if a signal ended the process. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Its stdin. */
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The program is killed after this time; default: never. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end. */
export async function runCommand(
  program: string,
  args: readonly string[],
  { input = '', env = process.env, cwd, timeoutMs }: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(program, args, { env, cwd, timeout: timeoutMs, killSignal: 'SIGKILL' });
  // A program may end before it has read its input: only its exit code matters.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code ?? 1, stdout, stderr };
}

/**
 * Returns the output of a command that must succeed.
 * @throws SetupError `E2E_COMMAND_FAILED` unless its exit code is 0
 */
export async function succeed(what: string, result: Promise<CommandResult>): Promise<string> {
  const { code, stdout, stderr } = await result;
  if (code === 0) return stdout;
  throw new SetupError({
    code: 'E2E_COMMAND_FAILED',
    object: what,
    problem: `ended with exit code ${code}: ${stderr.trim()}`,
    remedy: 'see the logs; PODROLE_E2E_LOGS keeps them',
  });
}
