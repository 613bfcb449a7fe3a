/** Times from which the lifetime of a session is computed. */
export interface LifetimeFacts {
  /** Time of the request, by the clock of this machine. */
  readonly askedAt: Date;
  /** Time at which the answer was complete, by the clock of this machine. */
  readonly now: Date;
  /** Lifetime in the request: DurationSeconds. */
  readonly durationMs: number;
  /** End of the session in the answer of STS. */
  readonly expiration: Date;
  /** Time by the clock of STS: the `Date` of its answer, if it has one. */
  readonly stsNow: Date | undefined;
}

export interface Lifetime {
  /** Counted from when the session was asked for; zero or less if it has ended. */
  readonly lifetimeMs: number;
  /** End of the session in whole seconds, as STS gives it and clients get it. */
  readonly expiration: Date;
}

/** STS dates its answer in whole seconds, and the answer is on its way for some. */
const TOLERANCE_MS = 60_000;

/**
 * Computes how long a session lives: to the end that STS gave, on STS's own clock, since this machine's clock
 * may be wrong; but never longer than was asked for. If the session would live longer by STS's `Date`, that
 * `Date` is wrong (a cache, a proxy, a server with a wrong clock), and this machine's clock is used.
 */
export function sessionLifetime({ askedAt, now, durationMs, expiration, stsNow }: LifetimeFacts): Lifetime {
  const byItsClock = stsNow && expiration.getTime() - stsNow.getTime();
  const isPlausible = byItsClock !== undefined && byItsClock <= durationMs + TOLERANCE_MS;
  const lifetimeMs = isPlausible ? byItsClock : expiration.getTime() - now.getTime();
  return {
    lifetimeMs: Math.min(lifetimeMs, durationMs),
    expiration: wholeSeconds(Math.min(expiration.getTime(), askedAt.getTime() + durationMs)),
  };
}

function wholeSeconds(timeMs: number): Date {
  return new Date(Math.floor(timeMs / 1_000) * 1_000);
}
