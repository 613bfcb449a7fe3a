import type { ServiceAccountFacts, ServiceAccountSource } from '../../identity/service-accounts.ts';
import { contradictions, type FoundServiceAccount } from '../../identity/sources/contradictions.ts';
import { memorySource } from '../../identity/sources/memory-source.ts';
import { readServiceAccounts } from '../../identity/sources/parse-service-accounts.ts';
import { type Fault, throwIfAny } from '../../lib/errors.ts';
import { asObject } from '../../lib/json/json.ts';
import type { ManifestGroup } from './namespaces.ts';

export interface ManifestAccounts {
  readonly annotationPrefix: string;
  /** Namespace of objects that name none. */
  readonly namespace: string;
  /** Asked last, once for each ServiceAccount. */
  readonly cluster: ServiceAccountSource | undefined;
  /** Faults of the manifests, which are reported with those found here. */
  readonly faults: readonly Fault[];
}

/**
 * Returns the ServiceAccounts of groups of manifests, then those of the cluster.
 * @throws PodroleError with the given faults, and one for each ServiceAccount that cannot be read, or
 * contradicts another of its group
 */
export function serviceAccountsOf(
  groups: readonly ManifestGroup[],
  input: ManifestAccounts,
): ServiceAccountSource {
  const read = groups.map((manifests) => readGroup(manifests, input));
  throwIfAny([
    ...input.faults,
    ...read.flatMap((group) => [...group.faults, ...contradictions(group.found)]),
  ]);
  const sources = read.map(({ found }) => memorySource(found.map(({ facts }) => facts)));
  return firstOf([...sources, ...(input.cluster ? [remembering(input.cluster)] : [])]);
}

function readGroup(
  manifests: ManifestGroup,
  { annotationPrefix, namespace }: ManifestAccounts,
): { readonly found: readonly FoundServiceAccount[]; readonly faults: readonly Fault[] } {
  const found: FoundServiceAccount[] = [];
  const faults: Fault[] = [];
  for (const { value, origin } of manifests.flatMap((manifest) => manifest?.documents ?? [])) {
    const root = asObject(value);
    if (!root) continue;
    const read = readServiceAccounts(root, origin, annotationPrefix, namespace);
    for (const each of read.found) found.push(each);
    for (const fault of read.faults) faults.push(fault);
  }
  return { found, faults };
}

function firstOf(sources: readonly ServiceAccountSource[]): ServiceAccountSource {
  return {
    find: async (namespace, name) => {
      for (const source of sources) {
        const found = await source.find(namespace, name);
        if (found) return found;
      }
      return undefined;
    },
  };
}

/** Asks once for each ServiceAccount, even if many pods run as it. */
function remembering(source: ServiceAccountSource): ServiceAccountSource {
  const asked = new Map<string, Promise<ServiceAccountFacts | undefined>>();
  return {
    find: (namespace, name) => {
      const key = `${namespace} ${name}`;
      const answer = asked.get(key) ?? source.find(namespace, name);
      asked.set(key, answer);
      return answer;
    },
  };
}
