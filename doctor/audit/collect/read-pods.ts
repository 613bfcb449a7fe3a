import { narrowPod } from '../../collect/cluster/narrow/narrow-pod.ts';
import { isBetter, type PodRank, podRank } from '../../collect/cluster/subject/newest-pod.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import type { AuditJudgement, AuditPod, AuditServiceAccount } from '../facts/audit-facts.ts';
import { namesRole } from '../joins/named-grants.ts';
import { accountKey } from '../joins/pods-of.ts';
import { keysInPod } from '../keys/keys-in-objects.ts';
import { type AuditAccess, eachObject } from './bounded-list.ts';
import { narrowAuditPod } from './narrow-audit-pod.ts';
import type { KeyList } from './read-keys.ts';

const PODS = {
  root: '/api/v1',
  resource: 'pods',
  isNamespaced: true,
  parts: {
    metadata: {
      namespace: true,
      name: true,
      uid: true,
      creationTimestamp: true,
      deletionTimestamp: true,
      annotations: true,
      labels: true,
      ownerReferences: true,
    },
    spec: true,
    status: true,
  },
  missing: 'who has a role now, and static keys in pods',
} as const;

export interface AuditPods {
  readonly pods: readonly AuditPod[];
  readonly newestPods: ReadonlyMap<string, PodFacts>;
  readonly hasAll: boolean;
}

export interface PodsInput {
  readonly serviceAccounts: readonly AuditServiceAccount[];
  readonly settings: AuditJudgement;
  /** Undefined: nobody looks for static keys. */
  readonly keys: KeyList | undefined;
}

/** Reads the pods that run. Of each it keeps a few names; only of the newest pod of a role it keeps more. */
export async function readPods(
  access: AuditAccess,
  { serviceAccounts, settings, keys }: PodsInput,
): Promise<AuditPods> {
  const withRole = new Set(
    serviceAccounts
      .filter((account) => namesRole(account, settings))
      .map(({ namespace, name }) => accountKey(namespace, name)),
  );
  const podRoleAnnotation = settings.roleRules?.podRoleAnnotation;
  const pods: AuditPod[] = [];
  const newest = new Map<string, { readonly rank: PodRank; readonly pod: PodFacts }>();
  const read = await eachObject(access, PODS, (object) => {
    keys?.add(keysInPod(object));
    const pod = narrowPod(object, { ...settings, podRoleAnnotation });
    if (pod.phase === 'Succeeded' || pod.phase === 'Failed') return;
    pods.push(narrowAuditPod(pod, podRoleAnnotation));
    const key = accountKey(pod.namespace, pod.serviceAccountName);
    if (!withRole.has(key)) return;
    const rank = podRank(object);
    const known = newest.get(key);
    if (!known || isBetter(rank, known.rank)) newest.set(key, { rank, pod });
  });
  const newestPods = new Map([...newest].map(([key, { pod }]) => [key, pod]));
  return { pods, newestPods, hasAll: read === 'all' };
}
