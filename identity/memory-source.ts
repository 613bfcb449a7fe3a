import type { ServiceAccountFacts, ServiceAccountSource } from './service-accounts.ts';

/** ServiceAccounts held in memory; of two with the same name the later one counts. */
export function memorySource(serviceAccounts: Iterable<ServiceAccountFacts>): ServiceAccountSource {
  // A blank can't occur in a name, so that no two pairs share a key.
  const known = new Map<string, ServiceAccountFacts>();
  for (const facts of serviceAccounts) known.set(`${facts.namespace} ${facts.name}`, facts);
  return { find: async (namespace, name) => known.get(`${namespace} ${name}`) };
}
