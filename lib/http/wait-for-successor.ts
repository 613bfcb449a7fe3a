import { request } from 'node:http';
import { type Clock, pause } from '../clock.ts';

export interface SuccessorPort {
  /** Address of the metrics port. */
  readonly host: string;
  readonly port: number;
}

const ASK_EVERY_MS = 100;
const TIMEOUT_MS = 1_000;

/**
 * Waits until the process that follows this one is ready, for at most this long. It shares the metrics port:
 * once this process no longer listens there, only the other one answers.
 * @returns false if there is none
 */
export async function waitForSuccessor(port: SuccessorPort, mostMs: number, clock: Clock): Promise<boolean> {
  const over = new AbortController();
  const cancel = clock.after(mostMs, () => over.abort());
  try {
    while (!over.signal.aborted) {
      if ((await readinessOf(port)) === 200) return true;
      await pause(clock, ASK_EVERY_MS, over.signal);
    }
    return false;
  } finally {
    cancel();
  }
}

const LOOPBACK: Readonly<Record<string, string>> = { '::': '::1', '0.0.0.0': '127.0.0.1' };

/** Returns the status of /readyz; undefined if nothing answers there. */
export async function readinessOf({ host, port }: SuccessorPort): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  request(
    {
      host: LOOPBACK[host] ?? host,
      port,
      path: '/readyz',
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    },
    (message) => {
      resolve(message.statusCode);
      message.destroy();
    },
  )
    .on('error', () => resolve(undefined))
    .end();
  return promise;
}
