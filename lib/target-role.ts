import type { RoleArn } from './arn.ts';

/**
 * Keys of the session tags of a target role: those of EKS Pod Identity, but for `eks-cluster-arn`, which
 * only a cluster of EKS has. EKS User Guide, "List of session tags added by EKS Pod Identity"
 */
export const SESSION_TAG = {
  cluster: 'eks-cluster-name',
  namespace: 'kubernetes-namespace',
  serviceAccount: 'kubernetes-service-account',
  podName: 'kubernetes-pod-name',
  podUid: 'kubernetes-pod-uid',
} as const;

/**
 * Name of the cluster, in tags and external ids: what both may contain, without `/`, which separates the
 * parts of an external id. EKS allows letters, digits, `-` and `_`.
 */
export const CLUSTER_NAME = /^[A-Za-z0-9][\w.:=+@-]{0,99}$/;

export const CLUSTER_NAME_RULE = '1 to 100 letters, digits or any of _.:=+@-, with a letter or digit first';

/** ServiceAccount of a cluster, as far as an external id names it. */
export interface ExternalIdParts {
  /** Region in which the role is assumed. */
  readonly region: string;
  /** The pod's own role. */
  readonly role: RoleArn;
  readonly clusterName: string;
  readonly namespace: string;
  readonly serviceAccountName: string;
}

/**
 * Returns `<region>/<account>/<cluster>/<namespace>/<serviceaccount>`, which EKS Pod Identity uses too. No
 * part contains a `/`, so no two ServiceAccounts have the same one. EKS User Guide, "Access AWS resources
 * using EKS Pod Identity target IAM roles"
 */
export function externalIdOf(parts: ExternalIdParts): string {
  const { region, role, clusterName, namespace, serviceAccountName } = parts;
  return [region, role.account, clusterName, namespace, serviceAccountName].join('/');
}
