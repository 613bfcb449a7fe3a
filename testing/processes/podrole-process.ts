import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Starts podrole in a process of its own, to send it signals. */
export function startPodrole(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['cli/podrole.js', ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...env },
  });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk) => {
      printed[stream] += String(chunk);
    });
  }
  return { child, printed, ended: once(child, 'close') };
}
