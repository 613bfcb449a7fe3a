import { ExchangeError } from '../../credentials/exchange/exchange-error.ts';
import type { ExchangeResult } from '../../credentials/session-keeper.ts';
import type { Clock } from '../../lib/clock.ts';

/** STS and the network recover from a short failure in this time. A person still waits for so long. */
const LONGEST_WAIT_MS = 15_000;

/** The wait for the first session. */
export interface FirstSession {
  /** Resolves at the first session; rejects with the failure that ends the wait. */
  readonly ended: Promise<void>;
  /** Takes a result over. Returns true if it is a failure that ended the wait. */
  readonly settle: (result: ExchangeResult) => boolean;
}

/** Waits for a session while exchanges fail in a way that may pass by itself, and no longer than 15 s. */
export function awaitFirst(clock: Pick<Clock, 'monotonicMs'>): FirstSession {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const endsAtMs = clock.monotonicMs() + LONGEST_WAIT_MS;
  let isOver = false;
  return {
    ended,
    settle: (result) => {
      if (isOver) return false;
      isOver = !('failure' in result) || !mayPass(result.failure, clock.monotonicMs() + result.retryInMs);
      if (!('failure' in result)) resolve();
      else if (isOver) reject(result.failure);
      return isOver && 'failure' in result;
    },
  };

  function mayPass(failure: unknown, nextAtMs: number): boolean {
    return failure instanceof ExchangeError && failure.retry === 'soon' && nextAtMs <= endsAtMs;
  }
}
