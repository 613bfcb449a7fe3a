import type { SubjectKind } from '../lib/operands/subjects.ts';
import { type ApiRoot, apiPath } from './api-path.ts';

/** Place of each kind in the API. [k8s] apps/v1, batch/v1 */
const RESOURCES: Readonly<Record<SubjectKind, { readonly root: ApiRoot; readonly plural: string }>> = {
  pod: { root: '/api/v1', plural: 'pods' },
  serviceaccount: { root: '/api/v1', plural: 'serviceaccounts' },
  deployment: { root: '/apis/apps/v1', plural: 'deployments' },
  statefulset: { root: '/apis/apps/v1', plural: 'statefulsets' },
  daemonset: { root: '/apis/apps/v1', plural: 'daemonsets' },
  job: { root: '/apis/batch/v1', plural: 'jobs' },
  cronjob: { root: '/apis/batch/v1', plural: 'cronjobs' },
};

/**
 * Returns the path of all objects of a kind in a namespace, or of one of them.
 * @throws PodroleError `INVALID_NAME`
 */
export function subjectPath(kind: SubjectKind, namespace: string, ...name: readonly string[]): string {
  const { root, plural } = RESOURCES[kind];
  return apiPath(root, 'namespaces', namespace, plural, ...name);
}

/** Returns a kind as RBAC and kubectl name it, with its group: `deployments.apps`, `pods`. */
export function subjectResource(kind: SubjectKind): string {
  const { root, plural } = RESOURCES[kind];
  const group = /^\/apis\/([^/]+)/.exec(root)?.[1];
  return group === undefined ? plural : `${plural}.${group}`;
}
