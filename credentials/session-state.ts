import type { Clock } from '../lib/clock.ts';
import type { ExchangedSession } from './exchange/exchange.ts';
import { leastLeftMs, renewAfterMs } from './session-schedule.ts';

/** Moment on both clocks of this process. */
export interface Moment {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

interface HeldSession extends ExchangedSession {
  readonly askedAt: Moment;
  readonly renewInMs: number;
}

/** State of a session keeper between two exchanges. */
export interface SessionState {
  /** The last session, fresh or not. */
  readonly held: HeldSession | undefined;
  /** Failures in a row since the last session. */
  readonly failures: number;
  /** Reason of the last of them. */
  readonly failure: unknown;
}

export const NO_SESSION: SessionState = { held: undefined, failures: 0, failure: undefined };

export function momentOf(clock: Clock): Moment {
  return { wallMs: clock.now().getTime(), monotonicMs: clock.monotonicMs() };
}

/**
 * State after an exchange that brought a session.
 * @param askedAt when the exchange began
 * @param random uniform in [0, 1)
 */
export function withSession(
  exchanged: ExchangedSession,
  askedAt: Moment,
  random: number,
): SessionState & { readonly held: HeldSession } {
  const renewInMs = renewAfterMs(exchanged.lifetimeMs, random);
  return { held: { ...exchanged, askedAt, renewInMs }, failures: 0, failure: undefined };
}

/** State after an exchange that failed: the session is kept for as long as it is fresh. */
export function withFailure({ held, failures }: SessionState, failure: unknown): SessionState {
  return { held, failures: failures + 1, failure };
}

/** Returns the session if enough of its life is left to serve it. */
export function freshSession({ held }: SessionState, now: Moment): HeldSession | undefined {
  return held && held.lifetimeMs - ageMs(held, now) >= leastLeftMs(held.lifetimeMs) ? held : undefined;
}

/**
 * True from when a session should be renewed. On a machine that slept, that is before the timer reports it.
 */
export function isDue(held: HeldSession, now: Moment): boolean {
  return ageMs(held, now) >= held.renewInMs;
}

/**
 * The larger age of the two clocks: the monotonic clock stops during sleep, and the wall clock can be set
 * back.
 */
function ageMs({ askedAt }: HeldSession, now: Moment): number {
  return Math.max(now.wallMs - askedAt.wallMs, now.monotonicMs - askedAt.monotonicMs);
}
