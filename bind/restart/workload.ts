import { type ApiRoot, apiPath } from '../../kubernetes/api-path.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { isObjectName } from '../../lib/kubernetes-names.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';

/** An object that creates pods, or a pod without an owner. */
export interface Workload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

interface ResourceKind {
  readonly root: ApiRoot;
  readonly plural: string;
}

/** Kinds that replace their pods when the pod template changes, with their place in the API. [k8s] apps/v1 */
const RESTARTABLE: ReadonlyMap<string, ResourceKind> = new Map([
  ['Deployment', { root: '/apis/apps/v1', plural: 'deployments' }],
  ['StatefulSet', { root: '/apis/apps/v1', plural: 'statefulsets' }],
  ['DaemonSet', { root: '/apis/apps/v1', plural: 'daemonsets' }],
]);

/** Intermediate kinds, whose own owner is the workload. */
const BETWEEN: ReadonlyMap<string, ResourceKind> = new Map([
  ['ReplicaSet', { root: '/apis/apps/v1', plural: 'replicasets' }],
  ['Job', { root: '/apis/batch/v1', plural: 'jobs' }],
]);

export function isRestartable({ kind }: Workload): boolean {
  return RESTARTABLE.has(kind);
}

/**
 * Returns the path of a workload; undefined for a kind that podrole does not know, and for a name that no
 * object can have. Kind and name may come from an owner reference. The API server does not check its form:
 * the creator of the pod chooses it.
 */
export function workloadPath({ kind, namespace, name }: Workload): string | undefined {
  const resource = BETWEEN.get(kind) ?? RESTARTABLE.get(kind);
  return resource && isObjectName(name)
    ? apiPath(resource.root, 'namespaces', namespace, resource.plural, name)
    : undefined;
}

/** Returns the controller of an object; undefined if it has none. [k8s] OwnerReference.controller */
export function controllerOf(object: JsonObject): Workload | undefined {
  const metadata = metadataOf(object);
  const references = (asArray(metadata?.['ownerReferences']) ?? []).map(asObject);
  const controller = references.find((reference) => reference?.['controller'] === true);
  const kind = asText(controller?.['kind']);
  const name = asText(controller?.['name']);
  return kind && name ? { kind, namespace: asText(metadata?.['namespace']) ?? '', name } : undefined;
}

/** `Deployment shop/web`. */
export function describeWorkload({ kind, namespace, name }: Workload): string {
  return `${kind} ${namespace}/${name}`;
}
