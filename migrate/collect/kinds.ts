import type { ListedKind } from '../../doctor/audit/collect/bounded-list.ts';
import type { Parts } from '../../kubernetes/read/json-parts.ts';
import { asObject, type JsonObject } from '../../lib/json/json.ts';

/** A kind of objects that hold a pod template. */
export interface WorkloadKind extends ListedKind {
  readonly kind: string;
  readonly apiVersion: string;
  /** Members that lead to the pod template. */
  readonly template: readonly string[];
}

const METADATA = { namespace: true, name: true, annotations: true, labels: true } as const;
const OWNED = { ...METADATA, ownerReferences: true } as const;
const MISSING = 'workloads without a running pod, and what new pods get';

function workloadKind(
  kind: string,
  apiVersion: 'apps/v1' | 'batch/v1' | 'v1',
  resource: string,
  template: readonly string[] = ['spec', 'template'],
): WorkloadKind {
  const spec = template.slice(1).reduceRight<true | Parts>((parts, member) => ({ [member]: parts }), true);
  return {
    kind,
    apiVersion,
    template,
    root: apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`,
    resource,
    isNamespaced: true,
    parts: { metadata: OWNED, spec: spec === true ? true : spec, status: { conditions: true } },
    missing: MISSING,
  };
}

/** Kinds of Kubernetes that create pods. [k8s] API reference */
export const WORKLOAD_KINDS: readonly WorkloadKind[] = [
  workloadKind('Deployment', 'apps/v1', 'deployments'),
  workloadKind('StatefulSet', 'apps/v1', 'statefulsets'),
  workloadKind('DaemonSet', 'apps/v1', 'daemonsets'),
  workloadKind('ReplicaSet', 'apps/v1', 'replicasets'),
  workloadKind('ReplicationController', 'v1', 'replicationcontrollers'),
  workloadKind('Job', 'batch/v1', 'jobs'),
  workloadKind('CronJob', 'batch/v1', 'cronjobs', ['spec', 'jobTemplate', 'spec', 'template']),
];

/** Returns the pod template of an object. */
export function templateOf(object: JsonObject, { template }: WorkloadKind): JsonObject | undefined {
  return template.reduce<JsonObject | undefined>((part, member) => asObject(part?.[member]), object);
}

export const PODS: ListedKind = {
  root: '/api/v1',
  resource: 'pods',
  isNamespaced: true,
  parts: { metadata: OWNED, spec: true, status: { phase: true } },
  missing: 'who runs now, and who serves its role',
};

export const NAMESPACES: ListedKind = {
  root: '/api/v1',
  resource: 'namespaces',
  isNamespaced: false,
  parts: { metadata: { name: true, annotations: true, resourceVersion: true } },
  missing: 'which roles the namespaces allow',
};

export const SERVICE_ACCOUNTS: ListedKind = {
  root: '/api/v1',
  resource: 'serviceaccounts',
  isNamespaced: true,
  parts: { metadata: METADATA, imagePullSecrets: true, automountServiceAccountToken: true },
  missing: 'which names are free for new ServiceAccounts, and what else those that are split have',
};

const BINDING = {
  root: '/apis/rbac.authorization.k8s.io/v1',
  parts: { metadata: METADATA, roleRef: true, subjects: true },
  missing: 'which rights in the cluster new ServiceAccounts need',
} as const;

export const ROLE_BINDINGS: ListedKind = { ...BINDING, resource: 'rolebindings', isNamespaced: true };
export const CLUSTER_ROLE_BINDINGS: ListedKind = {
  ...BINDING,
  resource: 'clusterrolebindings',
  isNamespaced: false,
};
