import type { Clock } from '../lib/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Time that passes only when a test says so, and several clocks on it that need not agree. */
export interface VirtualTime {
  readonly nowMs: () => number;
  /**
   * A clock of this time.
   * @param offsetMs how far it is ahead, wall clock and monotonic clock alike
   * @param rate how fast it runs: 1.1 counts 1100 ms in each second
   */
  readonly clock: (offsetMs?: number, rate?: number) => Clock;
  /** Lets so much time pass: calls back what is due, in order, and lets promises settle after each. */
  readonly pass: (ms: number) => Promise<void>;
}

/** Its first moment is a fixed date, so that results do not depend on the day. */
const BEGIN_MS = Date.UTC(2026, 0, 1);

export function createVirtualTime(): VirtualTime {
  const timers = new Set<Timer>();
  let nowMs = 0;

  function earliest(untilMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.atMs <= untilMs && (first === undefined || timer.atMs < first.atMs)) first = timer;
    }
    return first;
  }

  return {
    nowMs: () => nowMs,
    clock: (offsetMs = 0, rate = 1) => ({
      now: () => new Date(BEGIN_MS + offsetMs + nowMs * rate),
      monotonicMs: () => offsetMs + nowMs * rate,
      after: (ms, callback) => {
        const timer = { atMs: nowMs + Math.max(0, ms / rate), callback };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    }),
    pass: async (ms) => {
      const untilMs = nowMs + ms;
      await promisesSettled();
      for (let timer = earliest(untilMs); timer; timer = earliest(untilMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.atMs);
        timer.callback();
        await promisesSettled();
      }
      nowMs = untilMs;
    },
  };
}

/** Node runs every microtask before the next immediate. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
