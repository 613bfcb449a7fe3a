/**
 * Look-ups of the same object that a caller may share: one that is running, or only one that has not begun.
 */
export type Joining = 'running' | 'not begun';

export type SharedLookup<T> = (namespace: string, name: string, join: Joining) => Promise<T | undefined>;

interface Lookups<T> {
  readonly running: Promise<T | undefined>;
  /** Begins when the running one ends, for callers whose answer must not be older than their question. */
  next: Promise<T | undefined> | undefined;
}

/**
 * Shares look-ups between callers as far as is safe: at most one of an object is running, and one more waits.
 * An answer of "none" that was read before a caller asked does not count for it: the object may have been
 * created in between. Results are not kept.
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
