import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { PodroleError } from '../../lib/errors.ts';
import type { CommandResult } from '../cluster/kubectl.ts';

export type { CommandResult };

const TIMEOUT_MS = 60_000;

/** Runs a program to its end; killed after timeoutMs, by default a minute. */
export async function runCommand(
  program: string,
  args: readonly string[],
  { timeoutMs = TIMEOUT_MS }: { timeoutMs?: number } = {},
): Promise<CommandResult> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code ?? 1, stdout, stderr };
}

/** @throws PodroleError `E2E_COMMAND_FAILED` unless the exit code is 0 */
export async function succeed(what: string, result: Promise<CommandResult>): Promise<string> {
  const { code, stdout, stderr } = await result;
  if (code === 0) return stdout;
  throw new PodroleError({
    code: 'E2E_COMMAND_FAILED',
    object: what,
    problem: `exit code ${code}: ${stderr}`,
    remedy: 'see the logs; PODROLE_E2E_LOGS keeps them',
  });
}
