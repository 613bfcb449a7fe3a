/** Resolves when the caller's turn begins. The turn lasts until the returned function is called. */
export type TakeTurn = (signal: AbortSignal) => Promise<() => void>;

/**
 * Returns a function that gives turns one at a time, in the order of its calls. Callers that give up are
 * skipped.
 */
export function oneAtATime(): TakeTurn {
  let last: Promise<void> = Promise.resolve();
  return async (signal) => {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const before = last;
    last = before.then(() => over);
    const { promise: givenUp, reject } = Promise.withResolvers<never>();
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      await Promise.race([before, givenUp]);
      return end;
    } catch (thrown) {
      end();
      throw thrown;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  };
}
