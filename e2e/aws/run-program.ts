import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const TIMEOUT_MS = 60_000;

/**
 * Runs a program to its end and returns what it printed.
 * @throws an error with exit code and stderr when it fails, or when it hangs: it is killed after a minute
 */
export async function runProgram(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
  return stdout;
}
