import { podsPath } from '../../../../kubernetes/core-paths.ts';
import { asObject, asText } from '../../../../lib/json/json.ts';
import type { PodFacts } from '../../../facts/pod-facts.ts';
import type { Reading } from '../../../facts/reading.ts';
import type { KnownAnnotations } from '../narrow/kept-annotations.ts';
import { narrowPod } from '../narrow/narrow-pod.ts';
import { type ClusterAccess, foldList } from '../read/read-cluster.ts';
import { isBetter, type PodRank, podRank } from './newest-pod.ts';

/** Kubernetes supports 150,000 pods in a cluster. */
const MOST_PODS = 200_000;

interface RankedPod {
  readonly rank: PodRank;
  readonly pod: PodFacts;
}

export interface AccountsInput {
  readonly namespace: string;
  /** Names of the ServiceAccounts whose pods are wanted. */
  readonly accounts: ReadonlySet<string>;
  readonly known: KnownAnnotations;
  /** Pods after these are left out. */
  readonly mostPods?: number;
}

export interface NewestPods {
  /** By the name of the ServiceAccount. */
  readonly pods: ReadonlyMap<string, PodFacts>;
  /** False if pods were left out. */
  readonly hasAll: boolean;
}

/**
 * Finds the newest pod of each ServiceAccount in one list of their namespace. The API server reads all pods
 * of the namespace for each list, also for one with a field selector.
 */
export async function newestPods(
  access: ClusterAccess,
  { namespace, accounts, known: annotations, mostPods = MOST_PODS }: AccountsInput,
): Promise<Reading<NewestPods>> {
  const best = new Map<string, RankedPod>();
  const seen = await foldList(
    access,
    {
      path: podsPath(namespace),
      needs: `list on pods in the namespace ${namespace}`,
      mostObjects: mostPods + 1,
    },
    0,
    (count, object) => {
      if (count === mostPods) return count + 1;
      // As the field selector sees it: a pod without a name is not one of `default`.
      const account = asText(asObject(object['spec'])?.['serviceAccountName']) ?? '';
      const rank = podRank(object);
      const known = best.get(account);
      // Of a string that was cut, V8 keeps the whole one; a clone has the rest only.
      if (accounts.has(account) && (!known || isBetter(rank, known.rank)))
        best.set(account, structuredClone({ rank, pod: narrowPod(object, annotations) }));
      return count + 1;
    },
  );
  if (seen.state !== 'read') return seen;
  const pods = new Map([...best].map(([account, { pod }]) => [account, pod]));
  return { state: 'read', value: { pods, hasAll: seen.value <= mostPods } };
}
