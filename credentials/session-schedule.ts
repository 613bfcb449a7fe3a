import { type Backoff, backoffMs } from '../lib/backoff.ts';
import type { Retry } from './exchange/exchange-error.ts';

/** botocore and others extend an expiry that is nearer than this. */
const LEAST_LEFT_MS = 10 * 60_000;
const LEAST_LEFT_SHARE = 1 / 4;

/**
 * Returns how much of a session must be left to serve it: ten minutes, or a quarter of its life if that is
 * less. A session of 900 s has ten minutes left only for its first five minutes. With STS unreachable for
 * three minutes there would be none to serve.
 */
export function leastLeftMs(lifetimeMs: number): number {
  return Math.min(LEAST_LEFT_MS, lifetimeMs * LEAST_LEFT_SHARE);
}

const SHORTEST_WAIT_MS = 1_000;
/** Sessions live for twelve hours at most. This bounds the timer if a server gives an absurd expiry. */
const LONGEST_WAIT_MS = 6 * 3_600_000;

/**
 * Returns the age at which a session is renewed: 45 to 55 % of its life, so that sessions which
 * were obtained together are not all renewed at the same moment.
 * @param random uniform in [0, 1)
 */
export function renewAfterMs(lifetimeMs: number, random: number): number {
  const share = 0.45 + random / 10;
  return Math.min(Math.max(lifetimeMs * share, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
}

/**
 * `soon`: failures that pass by themselves pass in a second or two. `late`: a change that somebody has to
 * make is noticed within a minute; IAM itself needs about ten seconds until a new role can be assumed.
 */
const WAITS: Readonly<Record<Retry, Backoff>> = {
  soon: { firstMs: 500, longestMs: 30_000 },
  late: { firstMs: 10_000, longestMs: 60_000 },
};

/** Least time between two exchanges of which a changed token file asks for the second. */
const CHANGE_SPACING_MS = 1_000;

/**
 * Returns how long to wait after a failure if the token file has changed since.
 * @param sinceAskedMs time since the exchange that failed began
 */
export function retryChangedAfterMs(sinceAskedMs: number): number {
  return Math.max(0, CHANGE_SPACING_MS - sinceAskedMs);
}

/** Returns how long to wait after a failure; parameters as of `backoffMs`. */
export function retryAfterMs(failures: number, retry: Retry, random: number): number {
  return backoffMs(WAITS[retry], failures, random);
}
