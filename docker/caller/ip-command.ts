import { execFile } from 'node:child_process';
import { codeOf } from '../../lib/errors.ts';
import type { RunIp } from './neighbour.ts';

/** It takes milliseconds. */
const TIMEOUT_MS = 1_000;
const MOST_BYTES = 64 * 1024;

/**
 * Returns a function that runs `ip`.
 * @param path where it is looked for
 */
export function ipOn(path: string | undefined): RunIp {
  const env = { LC_ALL: 'C', ...(path === undefined ? {} : { PATH: path }) };
  const options = { env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: MOST_BYTES } as const;
  return (args) =>
    new Promise((resolve, reject) => {
      execFile('ip', [...args], options, (failure, printed) => {
        if (failure) reject(new Error(problemOf(failure)));
        else resolve(printed);
      });
    });
}

function problemOf(failure: Error): string {
  const why = codeOf(failure) === 'ENOENT' ? 'ip of iproute2 is missing' : 'ip of iproute2 failed';
  return `${why}; install it`;
}
