import type { ProxyFacts } from '../facts/migration-facts.ts';

/**
 * Returns the value that the objects of the proxy agree on; undefined if two differ. A tenant may run an
 * object that only looks like the proxy: its flags must not decide which account the roles of others are in.
 */
export function agreedFlag<Value>(
  proxies: readonly ProxyFacts[],
  read: (proxy: ProxyFacts) => Value | undefined,
): Value | undefined {
  const values = new Set(proxies.map(read).filter((value) => value !== undefined));
  return values.size === 1 ? [...values][0] : undefined;
}
