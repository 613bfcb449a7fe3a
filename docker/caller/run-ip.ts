import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { RunIp } from './neighbour.ts';

/** `ip` takes milliseconds. A caller waits for 2.5 seconds at most. */
const TIMEOUT_MS = 1_000;
/** One neighbour is a line of some 100 bytes. */
const MOST_BYTES = 16_384;

const run = promisify(execFile);

/**
 * Returns a function that runs `ip` of iproute2 in the network namespace of this process.
 * @param path where it is looked for. It gets only this variable.
 */
export function ipOn(path: string | undefined): RunIp {
  const env = path === undefined ? {} : { PATH: path };
  return async (args) => {
    const { stdout } = await run('ip', [...args], { env, timeout: TIMEOUT_MS, maxBuffer: MOST_BYTES });
    return stdout;
  };
}
