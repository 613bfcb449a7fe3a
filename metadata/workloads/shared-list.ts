import type { Clock } from '../../lib/clock.ts';

/** Rate at which lists may begin: `burst` at once, then one each `everyMs`. */
export interface ListPace {
  readonly burst: number;
  readonly everyMs: number;
}

/**
 * Returns a function that gets a list which begins after the call. Those who call while one is under way
 * share the next one. So at most one is under way, and they begin at a limited rate, however many callers
 * there are.
 */
export function sharedList<T>(list: () => Promise<T>, pace: ListPace, clock: Clock): () => Promise<T> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  let credit = pace.burst;
  let creditAtMs = clock.monotonicMs();

  async function begin(after: Promise<unknown>): Promise<T> {
    await after;
    const nowMs = clock.monotonicMs();
    credit = Math.min(pace.burst, credit + (nowMs - creditAtMs) / pace.everyMs);
    creditAtMs = nowMs;
    const waitMs = (1 - credit) * pace.everyMs;
    if (waitMs > 0) await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    credit -= 1;
    next = undefined;
    const listed = list();
    underWay = listed.catch(() => {});
    return listed;
  }

  return () => {
    next ??= begin(underWay);
    return next;
  };
}
