import { collectFaults, type Fault, throwIfAny } from '../../lib/errors.ts';
import { asObject } from '../../lib/json/json.ts';
import type { NamespaceFacts, NamespaceSource } from '../../policy/namespace-facts.ts';
import { contradictoryNamespaces, readNamespaces } from '../../policy/read-namespaces.ts';
import type { Manifest } from '../manifest.ts';

/** Manifests of the same precedence; undefined for one that cannot be read. */
export type ManifestGroup = readonly (Manifest | undefined)[];

/**
 * Returns the Namespaces of groups of manifests, then those of the cluster, which is asked once for each.
 * Undefined means unknown, not that the Namespace has no rules.
 * @throws PodroleError with a fault for each Namespace that cannot be read, or contradicts another of its
 * group
 */
export function namespacesOf(
  groups: readonly ManifestGroup[],
  cluster: NamespaceSource | undefined,
): NamespaceSource {
  const faults: Fault[] = [];
  const known = groups.map((manifests) => namespacesIn(manifests, faults));
  throwIfAny(faults);
  const asked = new Map<string, Promise<NamespaceFacts | undefined>>();
  return {
    find: async (name) => {
      for (const namespaces of known) {
        const facts = namespaces.get(name);
        if (facts) return facts;
      }
      const answer = asked.get(name) ?? cluster?.find(name);
      if (answer) asked.set(name, answer);
      return answer;
    },
  };
}

function namespacesIn(manifests: ManifestGroup, faults: Fault[]): ReadonlyMap<string, NamespaceFacts> {
  const found = manifests.flatMap((manifest) =>
    (manifest?.documents ?? []).flatMap(({ value, origin }) => {
      const root = asObject(value);
      const read = root && collectFaults(faults, () => readNamespaces(root, origin));
      for (const fault of read?.faults ?? []) faults.push(fault);
      return read?.found ?? [];
    }),
  );
  for (const fault of contradictoryNamespaces(found)) faults.push(fault);
  return new Map(found.map(({ facts }) => [facts.name, facts]));
}
