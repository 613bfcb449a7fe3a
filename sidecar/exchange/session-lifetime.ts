/** What is known of how long a session lives. */
export interface LifetimeFacts {
  /** When it was asked for, by the clock of this machine. */
  readonly askedAt: Date;
  /** The clock of this machine when the answer had come. */
  readonly now: Date;
  /** What was asked for: DurationSeconds. */
  readonly durationMs: number;
  /** The end that STS gave. */
  readonly expiration: Date;
  /** The clock of STS, where it told. */
  readonly stsNow: Date | undefined;
}

export interface Lifetime {
  /** From the moment when it was asked for; zero or less where it has ended. */
  readonly lifetimeMs: number;
  /** The end that clients are told. */
  readonly expiration: Date;
}

/** STS dates its answer in whole seconds, and the answer is on its way for some. */
const TOLERANCE_MS = 60_000;

/**
 * How long a session lives: to the end that STS gave, on STS's own clock, for this machine's may be wrong; but never longer than was asked
 * for, counted from here. A `Date` by which the session would outlive that tells no time (a cache, a proxy, a server that has lost its
 * clock), and then this machine's clock counts.
 */
export function sessionLifetime({ askedAt, now, durationMs, expiration, stsNow }: LifetimeFacts): Lifetime {
  const byItsClock = stsNow && expiration.getTime() - stsNow.getTime();
  const isPlausible = byItsClock !== undefined && byItsClock <= durationMs + TOLERANCE_MS;
  const lifetimeMs = isPlausible ? byItsClock : expiration.getTime() - now.getTime();
  return {
    lifetimeMs: Math.min(lifetimeMs, durationMs),
    expiration: new Date(Math.min(expiration.getTime(), askedAt.getTime() + durationMs)),
  };
}
