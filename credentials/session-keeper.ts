import type { Clock } from '../lib/clock.ts';
import { PodroleError } from '../lib/errors.ts';
import type { Random } from '../lib/surroundings.ts';
import type { ExchangedSession } from './exchange/exchange.ts';
import { ExchangeError } from './exchange/exchange-error.ts';
import type { Session, SessionSource } from './session.ts';
import { leastLeftMs, renewAfterMs, retryAfterMs } from './session-schedule.ts';

/** What became of an exchange. */
export type ExchangeResult =
  | { readonly exchanged: ExchangedSession; readonly renewInMs: number }
  | { readonly failure: unknown; readonly retryInMs: number };

export interface KeeperOptions {
  /** One exchange; the signal ends it when the keeper stops, and nothing else does. */
  readonly exchange: (signal: AbortSignal) => Promise<ExchangedSession>;
  readonly clock: Clock;
  readonly random: Random;
  readonly onResult: (result: ExchangeResult) => void;
}

export interface SessionKeeper extends SessionSource {
  /** Why there is no session to serve; undefined where there is one. */
  readonly missing: () => string | undefined;
  /** Ends the exchange under way and asks for no other. */
  readonly stop: () => void;
}

interface Held extends ExchangedSession {
  readonly askedAtMs: number;
  readonly askedAtMonotonicMs: number;
  readonly renewAfterMs: number;
}

/**
 * Keeps a session of the role: asks for the first at once, renews it in the background about half way through its life, and tries again
 * with growing waits where that fails. Callers get what there is; however many of them there are, one exchange is under way at most.
 */
export function keepSession({ exchange, clock, random, onResult }: KeeperOptions): SessionKeeper {
  const stopping = new AbortController();
  let held: Held | undefined;
  let underWay: Promise<Session> | undefined;
  let failures = 0;
  let failure: unknown;
  let cancelTimer = () => {};

  /** The clock that says more decides: one stands still while a laptop sleeps, the other is set back. */
  function ageMs({ askedAtMs, askedAtMonotonicMs }: Held): number {
    return Math.max(clock.now().getTime() - askedAtMs, clock.monotonicMs() - askedAtMonotonicMs);
  }

  function fresh(): Held | undefined {
    return held && held.lifetimeMs - ageMs(held) >= leastLeftMs(held.lifetimeMs) ? held : undefined;
  }

  function renew(): Promise<Session> {
    underWay ??= tryOnce().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  /** In the background: what comes of it is told by onResult. */
  function renewUnheard(): void {
    renew().catch(() => {});
  }

  async function tryOnce(): Promise<Session> {
    cancelTimer();
    const askedAtMs = clock.now().getTime();
    const askedAtMonotonicMs = clock.monotonicMs();
    try {
      const exchanged = await exchange(stopping.signal);
      const renewInMs = renewAfterMs(exchanged.lifetimeMs, random());
      held = { ...exchanged, askedAtMs, askedAtMonotonicMs, renewAfterMs: renewInMs };
      failures = 0;
      failure = undefined;
      tryIn(renewInMs);
      onResult({ exchanged, renewInMs });
      return exchanged.session;
    } catch (thrown) {
      failures += 1;
      failure = stopping.signal.aborted ? stopping.signal.reason : thrown;
      const retryInMs = retryAfterMs(
        failures,
        thrown instanceof ExchangeError ? thrown.retry : 'soon',
        random(),
      );
      tryIn(retryInMs);
      if (!stopping.signal.aborted) onResult({ failure, retryInMs });
      throw failure;
    }
  }

  function tryIn(ms: number): void {
    if (!stopping.signal.aborted) cancelTimer = clock.after(ms, renewUnheard);
  }

  async function current(): Promise<Session> {
    const session = fresh();
    // A timer of a machine that slept comes late.
    const isDue = session === undefined || ageMs(session) >= session.renewAfterMs;
    const mayAsk = failures === 0 && !stopping.signal.aborted;
    if (session) {
      if (isDue && mayAsk) renewUnheard();
      return session.session;
    }
    if (underWay || mayAsk) return renew();
    throw failure ?? stopping.signal.reason;
  }

  renewUnheard();
  return {
    current,
    missing: () => {
      if (fresh()) return undefined;
      return failure instanceof Error ? failure.message : 'the first session is on its way';
    },
    stop: () => {
      stopping.abort(stoppingError());
      cancelTimer();
    },
  };
}

function stoppingError(): PodroleError {
  return new PodroleError({
    code: 'STOPPING',
    object: 'sidecar',
    problem: 'ends and asks for no other session',
    remedy: 'ask again once it has been started anew',
  });
}
