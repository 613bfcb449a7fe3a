/** Which look-up of the same object a caller may share: one that is under way, or only one that has yet to begin. */
export type Joining = 'running' | 'not begun';

export type SharedLookup<T> = (namespace: string, name: string, join: Joining) => Promise<T | undefined>;

interface Lookups<T> {
  readonly running: Promise<T | undefined>;
  /** Begins when the running one is over, for callers that must not be answered from before they asked. */
  next: Promise<T | undefined> | undefined;
}

/**
 * Look-ups of which callers share as few as is safe: at most one of an object is under way, and one more waits. An answer of "none"
 * that was read before a caller asked does not count for it: the object may have been made in between. Results are not kept.
 */
export function createSharedLookup<T>(
  lookUp: (namespace: string, name: string) => Promise<T | undefined>,
): SharedLookup<T> {
  const underWay = new Map<string, Lookups<T>>();

  function begin(key: string, namespace: string, name: string): Promise<T | undefined> {
    const lookups: Lookups<T> = { running: lookUp(namespace, name), next: undefined };
    underWay.set(key, lookups);
    const end = () => {
      if (underWay.get(key) === lookups) underWay.delete(key);
    };
    lookups.running.then(end, end);
    return lookups.running;
  }

  function beginNext(
    lookups: Lookups<T>,
    key: string,
    namespace: string,
    name: string,
  ): Promise<T | undefined> {
    const over = () => begin(key, namespace, name);
    lookups.next ??= lookups.running.then(over, over);
    return lookups.next;
  }

  return async (namespace, name, join) => {
    const key = `${namespace} ${name}`;
    const lookups = underWay.get(key);
    if (!lookups) return begin(key, namespace, name);
    if (join === 'not begun') return beginNext(lookups, key, namespace, name);
    return (await lookups.running) ?? beginNext(lookups, key, namespace, name);
  };
}
