import type { Clock } from '../lib/clock.ts';
import { PodroleError } from '../lib/errors.ts';
import type { Random } from '../lib/surroundings.ts';
import type { ExchangedSession } from './exchange/exchange.ts';
import { ExchangeError } from './exchange/exchange-error.ts';
import type { Session, SessionSource } from './session.ts';
import { retryAfterMs, retryChangedAfterMs } from './session-schedule.ts';
import {
  freshSession,
  isDue,
  type Moment,
  momentOf,
  NO_SESSION,
  type SessionState,
  withFailure,
  withSession,
} from './session-state.ts';

/** Result of an exchange. */
export type ExchangeResult =
  | { readonly exchanged: ExchangedSession; readonly renewInMs: number }
  | { readonly failure: unknown; readonly retryInMs: number };

export interface KeeperOptions {
  /** Does one exchange. Only the signal ends it early, when the keeper stops. */
  readonly exchange: (signal: AbortSignal) => Promise<ExchangedSession>;
  readonly clock: Clock;
  readonly random: Random;
  readonly onResult: (result: ExchangeResult) => void;
}

export interface SessionKeeper extends SessionSource {
  /** Returns the reason why there is no session to serve; undefined if there is one. */
  readonly missing: () => string | undefined;
  /** Reports that the token file has changed: after a failure, the next exchange need not wait longer. */
  readonly tokenChanged: () => void;
  /**
   * Ends the exchange that is under way, and starts no other.
   * @param reason error of callers that come later; default: the process is shutting down
   */
  readonly stop: (reason?: PodroleError) => void;
}

/**
 * Keeps a session of the role: asks for the first one at once, and renews it in the background about half way
 * through its life. After a failure it tries again, with growing waits. Callers get what there is. However
 * many they are, at most one exchange is under way.
 */
export function keepSession({ exchange, clock, random, onResult }: KeeperOptions): SessionKeeper {
  const stopping = new AbortController();
  let state = NO_SESSION;
  let underWay: Promise<Session> | undefined;
  let cancelTimer = () => {};
  let askedAtMs = 0;
  let dueAtMs = 0;

  function renew(): Promise<Session> {
    underWay ??= exchangeOnce().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  /** onResult gets the result. */
  function renewInBackground(): void {
    renew().catch(() => {});
  }

  function renewIn(ms: number): void {
    if (stopping.signal.aborted) return;
    dueAtMs = clock.monotonicMs() + ms;
    cancelTimer = clock.after(ms, renewInBackground);
  }

  function tokenChanged(): void {
    if (state.failures === 0 || underWay) return;
    const nowMs = clock.monotonicMs();
    const waitMs = retryChangedAfterMs(nowMs - askedAtMs);
    if (nowMs + waitMs >= dueAtMs) return;
    cancelTimer();
    renewIn(waitMs);
  }

  async function exchangeOnce(): Promise<Session> {
    cancelTimer();
    const askedAt = momentOf(clock);
    askedAtMs = askedAt.monotonicMs;
    try {
      const exchanged = await exchange(stopping.signal);
      const next = withSession(exchanged, askedAt, random());
      state = next;
      const { renewInMs } = next.held;
      renewIn(renewInMs);
      onResult({ exchanged, renewInMs });
      return exchanged.session;
    } catch (thrown) {
      const failure = stopping.signal.aborted ? stopping.signal.reason : thrown;
      state = withFailure(state, failure);
      const retry = thrown instanceof ExchangeError ? thrown.retry : 'soon';
      const retryInMs = retryAfterMs(state.failures, retry, random());
      renewIn(retryInMs);
      if (!stopping.signal.aborted) onResult({ failure, retryInMs });
      throw failure;
    }
  }

  async function current(): Promise<Session> {
    const now = momentOf(clock);
    const fresh = freshSession(state, now);
    // After a failure only the timer asks again: callers must not shorten its wait.
    const mayAsk = state.failures === 0 && !stopping.signal.aborted;
    if (fresh) {
      if (mayAsk && isDue(fresh, now)) renewInBackground();
      return fresh.session;
    }
    if (underWay || mayAsk) return renew();
    throw state.failure ?? stopping.signal.reason;
  }

  renewInBackground();
  return {
    current,
    tokenChanged,
    missing: () => missingReason(state, momentOf(clock)),
    stop: (reason = stoppingError()) => {
      stopping.abort(reason);
      cancelTimer();
    },
  };
}

function missingReason(state: SessionState, now: Moment): string | undefined {
  if (freshSession(state, now)) return undefined;
  return state.failure instanceof Error ? state.failure.message : 'the first session is on its way';
}

function stoppingError(): PodroleError {
  return new PodroleError({
    code: 'STOPPING',
    object: 'sidecar',
    problem: 'is shutting down and asks for no other session',
    remedy: 'ask again after it has been restarted',
  });
}
