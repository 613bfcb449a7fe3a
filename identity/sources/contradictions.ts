import { isDeepStrictEqual } from 'node:util';
import type { Fault } from '../../lib/errors.ts';
import type { ServiceAccountFacts } from '../service-accounts.ts';

/** A ServiceAccount of a file, and its place there: `web.yaml, document 2`. */
export interface FoundServiceAccount {
  readonly facts: ServiceAccountFacts;
  readonly origin: string;
}

/**
 * Returns a fault for each ServiceAccount that is there again with other annotations: it is unclear which of
 * the two gives its pods their role. The same content twice is fine.
 */
export function contradictions(found: readonly FoundServiceAccount[]): readonly Fault[] {
  const first = new Map<string, FoundServiceAccount>();
  const faults: Fault[] = [];
  for (const { facts, origin } of found) {
    // A name cannot contain a space, so no two pairs share a key.
    const key = `${facts.namespace} ${facts.name}`;
    const earlier = first.get(key);
    if (!earlier) first.set(key, { facts, origin });
    else if (!isDeepStrictEqual(earlier.facts.annotations, facts.annotations)) {
      faults.push({
        code: 'CONTRADICTORY_SERVICE_ACCOUNTS',
        object: `ServiceAccount ${facts.namespace}/${facts.name} in ${origin}`,
        problem: `has other annotations than in ${earlier.origin}`,
        remedy: 'remove one of the two',
      });
    }
  }
  return faults;
}
