import { asArray, asObject, asText, type JsonObject } from '../../lib/json.ts';

/** An object that makes pods, or a pod that nothing made. */
export interface Workload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Kinds that a change of their pod template makes anew, with their place in the API. [k8s] apps/v1 */
export const RESTARTABLE: Readonly<Record<string, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
};

/** Kinds in between, whose own owner is the workload. */
export const BETWEEN: Readonly<Record<string, string>> = {
  ReplicaSet: '/apis/apps/v1/namespaces/NAMESPACE/replicasets/',
  Job: '/apis/batch/v1/namespaces/NAMESPACE/jobs/',
};

/** The controller of an object; undefined where it has none. [k8s] OwnerReference.controller */
export function controllerOf(object: JsonObject): Workload | undefined {
  const metadata = asObject(object['metadata']);
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
