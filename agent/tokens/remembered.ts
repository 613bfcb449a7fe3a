/** Values that are remembered for a time. If there are too many, the least recently used one is forgotten. */
export interface Remembered<Value> {
  readonly get: (key: string) => Value | undefined;
  /** @param untilMs monotonic time until which it is remembered */
  readonly set: (key: string, value: Value, untilMs: number) => void;
  readonly size: () => number;
}

export function createRemembered<Value>(most: number, monotonicMs: () => number): Remembered<Value> {
  const entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();
  return {
    get: (key) => {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      if (monotonicMs() >= entry.untilMs) return undefined;
      // A Map keeps the order of insertion.
      entries.set(key, entry);
      return entry.value;
    },
    set: (key, value, untilMs) => {
      entries.delete(key);
      entries.set(key, { value, untilMs });
      const [oldest] = entries.keys();
      if (entries.size > most && oldest !== undefined) entries.delete(oldest);
    },
    size: () => entries.size,
  };
}
