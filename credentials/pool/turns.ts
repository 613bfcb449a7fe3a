import { createFairQueue } from './fair-queue.ts';

/** Kind of an exchange: nobody of its workload has a session yet, or there was an exchange before. */
export type TurnKind = 'first' | 'again';

/** Exchanges take turns: only so many are under way at once. */
export interface Turns {
  /**
   * Waits for a turn.
   * @param owner workload that the exchange is for
   * @returns the function that ends the turn
   * @throws the reason of the signal if it is aborted before
   */
  readonly take: (owner: string, kind: TurnKind, signal: AbortSignal) => Promise<() => void>;
  readonly waiting: () => number;
}

interface Waiter {
  readonly begin: () => void;
}

/**
 * Gives out turns to first exchanges and to others alternately, and among these to one workload after the
 * other. So roles that fail again and again do not delay a workload that starts, many that start do not delay
 * the renewals, and workloads with many roles do not delay those with one.
 * @param most turns at once
 */
export function createTurns(most: number): Turns {
  const queues = { first: createFairQueue<Waiter>(), again: createFairQueue<Waiter>() };
  let taken = 0;
  let preferred: TurnKind = 'first';

  function next(): Waiter | undefined {
    const other = preferred === 'first' ? 'again' : 'first';
    for (const kind of [preferred, other] as const) {
      const waiter = queues[kind].next();
      if (!waiter) continue;
      preferred = kind === 'first' ? 'again' : 'first';
      return waiter;
    }
    return undefined;
  }

  function begin(): void {
    const waiter = taken < most ? next() : undefined;
    if (!waiter) return;
    taken += 1;
    waiter.begin();
  }

  function end(): void {
    taken -= 1;
    begin();
  }

  return {
    take: (owner, kind, signal) => {
      if (signal.aborted) return Promise.reject(signal.reason);
      const { promise, resolve, reject } = Promise.withResolvers<() => void>();
      const giveUp = () => {
        queues[kind].remove(owner, waiter);
        reject(signal.reason);
      };
      const waiter = {
        begin: () => {
          signal.removeEventListener('abort', giveUp);
          resolve(end);
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      queues[kind].add(owner, waiter);
      begin();
      return promise;
    },
    waiting: () => queues.first.size() + queues.again.size(),
  };
}
