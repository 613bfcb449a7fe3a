import { once } from 'node:events';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { handOver } from './hand-over.ts';
import { drain, type WebServer } from './serve.ts';
import { waitForSuccessor } from './wait-for-successor.ts';

export interface FollowedServerOptions {
  /** Server whose clients must not notice the change; it listens on a shared port. */
  readonly server: WebServer;
  /** Servers that end at once. One of them answers /readyz on the shared port `health`. */
  readonly others: readonly WebServer[];
  readonly health: { readonly host: string; readonly port: number };
  /** Longest wait for the process that follows. */
  readonly longestMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Enough for clients that wait for an exchange, which takes ten seconds at most. */
const GRACE_MS = 12_000;

/**
 * Waits for the signal. Then serves until the process that follows this one is ready, for at most
 * `longestMs`, and answers the requests that wait.
 */
export async function serveUntilFollowed(options: FollowedServerOptions): Promise<void> {
  const { server, others, health, longestMs, clock, logger, signal } = options;
  if (!signal.aborted) await once(signal, 'abort');
  logger.info({ longestMs }, 'shutting down when the process that follows is ready');
  await Promise.all(others.map((other) => drain(other, 0)));
  const isFollowed = await waitForSuccessor(health, longestMs, clock);
  logger.info({ isFollowed }, 'handing over');
  await handOver(server, GRACE_MS, clock);
}
