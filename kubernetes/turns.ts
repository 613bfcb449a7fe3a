/** Waits until it is one's turn; the turn lasts until the function that it resolves to is called. */
export type TakeTurn = (signal: AbortSignal) => Promise<() => void>;

/** Turns of which one lasts at a time, in the order in which they were asked for. Who gives up waiting is passed over. */
export function createTurns(): TakeTurn {
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
