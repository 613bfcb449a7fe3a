import type { Clock } from '../../lib/clock.ts';
import type { ExchangedSession } from '../exchange/exchange.ts';
import { freshSession, type Moment, momentOf, NO_SESSION, withSession } from '../session-state.ts';
import { assumeTarget, type TargetSurroundings } from './assume-target.ts';
import type { TargetRole } from './target-role.ts';

export interface ChainOptions {
  /** Exchanges the token for a session of the own role. */
  readonly exchangeBase: (signal: AbortSignal) => Promise<ExchangedSession>;
  readonly target: TargetRole;
  readonly sts: Omit<TargetSurroundings, 'now' | 'clockAheadMs' | 'signal'>;
  readonly clock: Clock;
}

/**
 * Age from which a base session is not used again after a failure: an administrator may have revoked it. So a
 * target that refuses costs one exchange of the token each two minutes, and not one for each attempt.
 */
const DOUBTFUL_AGE_MS = 2 * 60_000;

/**
 * Returns the exchange of a session keeper for a target role: the token for a base session, and that for a
 * session of the target. The base session is used again for as long as it is fresh. It is never served.
 */
export function chainExchange({
  exchangeBase,
  target,
  sts,
  clock,
}: ChainOptions): (signal: AbortSignal) => Promise<ExchangedSession> {
  let base = NO_SESSION;

  async function baseSession(signal: AbortSignal, now: Moment): Promise<ExchangedSession> {
    const fresh = freshSession(base, now);
    if (fresh) return fresh;
    base = NO_SESSION;
    const exchanged = await exchangeBase(signal);
    base = withSession(exchanged, now, 0);
    return exchanged;
  }

  return async (signal) => {
    const now = momentOf(clock);
    const { session, clockAheadMs } = await baseSession(signal, now);
    try {
      return await assumeTarget(session, target, { ...sts, now: clock.now, clockAheadMs, signal });
    } catch (thrown) {
      const obtainedAtMs = base.held?.askedAt.monotonicMs ?? now.monotonicMs;
      if (now.monotonicMs - obtainedAtMs >= DOUBTFUL_AGE_MS) base = NO_SESSION;
      throw thrown;
    }
  };
}
