import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { CommandResult } from '../cluster/run-command.ts';

const BUNDLE = fileURLToPath(new URL('../../dist/podrole.js', import.meta.url));
const TIMEOUT_MS = 60_000;

interface PodroleRun {
  /** Kills it, to test the state after an interruption. */
  readonly kill: () => void;
  /** Resolves at its end, with exit code 1 if a signal ended it. */
  readonly result: Promise<CommandResult>;
}

/**
 * Starts a command of the shipped podrole that ends by itself; it is killed after a minute.
 * @param env its whole environment besides PATH
 */
export function spawnPodrole(args: readonly string[], env: Readonly<Record<string, string>>): PodroleRun {
  const child = spawn(process.execPath, [BUNDLE, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const printed = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return {
    kill: () => child.kill('SIGKILL'),
    result: printed.then(([stdout, stderr, [code]]) => ({ code: code ?? 1, stdout, stderr })),
  };
}

/** Runs the shipped podrole to its end. */
export function runPodrole(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  return spawnPodrole(args, env).result;
}
