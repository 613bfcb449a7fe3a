import type { Clock } from '../lib/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Time that passes only when a test lets it pass, with several clocks that may disagree. */
export interface VirtualTime {
  readonly nowMs: () => number;
  /**
   * Returns a clock that shows this time.
   * @param offsetMs how far its wall clock and its monotonic clock are ahead
   * @param rate speed of the clock: 1.1 counts 1100 ms in each second
   */
  readonly clock: (offsetMs?: number, rate?: number) => Clock;
  /** Lets time pass: runs the timers that are due, in order, and lets promises settle after each. */
  readonly pass: (ms: number) => Promise<void>;
}

/** It starts at a fixed date, so that results do not depend on the day. */
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
