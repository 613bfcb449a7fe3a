/** Connections of one address that may wait: an SDK opens a few at once. */
const MOST_OF_ADDRESS = 64;
/**
 * Connections of all addresses that may wait: 110 pods that start at once, with some connections each. The
 * first one of an address may always wait, so that a few pods cannot take all places.
 */
const MOST = 2_048;

/**
 * Bounds the connections that wait. Returns a function that lets a connection of an address wait: it returns
 * a function to call when the wait ends, or undefined if too many wait.
 */
export function boundWaiters(): (address: string) => (() => void) | undefined {
  const waiting = new Map<string, number>();
  let all = 0;
  return (address) => {
    const ofAddress = waiting.get(address) ?? 0;
    if (ofAddress >= MOST_OF_ADDRESS || (all >= MOST && ofAddress > 0)) return undefined;
    waiting.set(address, ofAddress + 1);
    all += 1;
    return () => {
      all -= 1;
      const left = (waiting.get(address) ?? 1) - 1;
      if (left === 0) waiting.delete(address);
      else waiting.set(address, left);
    };
  };
}
