import type { Clock } from '../../lib/clock.ts';
import { type ListPace, sharedList } from '../../metadata/workloads/shared-list.ts';
import type { Answered } from './decide-container.ts';

/** Objects of the daemon that are asked about at the same time. Those that were asked last are kept. */
const MOST_KEYS = 4_096;

/**
 * Returns a function that reads an object of the daemon, beginning after the call. Callers share reads, and
 * the reads of one object begin at a limited rate: what connections of a container cause is bounded.
 */
export function sharedReads<T>(
  read: (key: string) => Promise<T>,
  pace: ListPace,
  clock: Clock,
): (key: string) => Promise<Answered<T>> {
  const byKey = new Map<string, () => Promise<Answered<T>>>();
  return (key) => {
    const shared =
      byKey.get(key) ??
      sharedList(
        async () => {
          const begunAtMs = clock.monotonicMs();
          return { begunAtMs, value: await read(key) };
        },
        pace,
        clock,
      );
    byKey.delete(key);
    byKey.set(key, shared);
    const [oldest = key] = byKey.keys();
    if (byKey.size > MOST_KEYS) byKey.delete(oldest);
    return shared();
  };
}
