import type { ServiceAccountFacts, ServiceAccountSource } from '../service-accounts.ts';

/** Returns a source of ServiceAccounts in memory. If two have the same name, the later one counts. */
export function memorySource(serviceAccounts: Iterable<ServiceAccountFacts>): ServiceAccountSource {
  // A name cannot contain a space, so no two pairs share a key.
  const known = new Map<string, ServiceAccountFacts>();
  for (const facts of serviceAccounts) known.set(`${facts.namespace} ${facts.name}`, facts);
  return { find: async (namespace, name) => known.get(`${namespace} ${name}`) };
}
