import type { ClusterFacts } from '../../../facts/cluster-facts.ts';
import type { PodFacts } from '../../../facts/pod-facts.ts';
import type { Reading } from '../../../facts/reading.ts';
import { valueIn } from '../../../facts/value-in.ts';
import type { Once } from '../../once.ts';
import type { KnownAnnotations } from '../narrow/kept-annotations.ts';
import { type ClusterAccess, mapReading } from '../read/read-cluster.ts';
import { readEventsOfPods } from '../read/read-events.ts';
import { type NewestPods, newestPods } from './newest-pods.ts';

/** Pods of ServiceAccounts that are judged in one run, such as all of a namespace. */
export interface PodsTogether {
  readonly podOf: (namespace: string, account: string) => Promise<ClusterFacts['pod']>;
  /** @param pod one that `podOf` returned */
  readonly eventsOf: (pod: PodFacts) => Promise<ClusterFacts['events']>;
}

export interface TogetherInput {
  readonly access: ClusterAccess;
  readonly once: Once;
  /** Names of the judged ServiceAccounts, by namespace. */
  readonly accounts: ReadonlyMap<string, ReadonlySet<string>>;
  readonly known: KnownAnnotations;
}

/** Lists pods and events once per namespace, however many ServiceAccounts it has. */
export function createPodsTogether({ access, once, accounts, known }: TogetherInput): PodsTogether {
  const podsIn = (namespace: string): Promise<Reading<NewestPods>> =>
    once(`pods ${namespace}`, () =>
      newestPods(access, { namespace, accounts: accounts.get(namespace) ?? new Set(), known }),
    );
  const eventsIn = (namespace: string) =>
    once(`events ${namespace}`, async () => {
      const pods = valueIn(await podsIn(namespace))?.pods.values() ?? [];
      return readEventsOfPods(access, namespace, new Set([...pods].map(({ uid }) => uid)));
    });
  return {
    podOf: async (namespace, account) => podIn(await podsIn(namespace), account),
    eventsOf: async ({ namespace, uid }) =>
      mapReading(await eventsIn(namespace), (events) => events.get(uid) ?? []),
  };
}

/** Returns `failed` for a pod that may be among those that were left out. */
export function podIn(found: Reading<NewestPods>, account: string): ClusterFacts['pod'] {
  if (found.state !== 'read') return found;
  const { pods, hasAll } = found.value;
  const pod = pods.get(account);
  if (pod) return { state: 'read', value: pod };
  if (hasAll) return { state: 'absent' };
  const remedy = 'name the ServiceAccount: then only its own pods are listed';
  return { state: 'failed', said: 'the namespace has too many pods to read them all', remedy };
}
