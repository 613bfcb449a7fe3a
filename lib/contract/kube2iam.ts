/** Names of kube2iam and kiam, which pods and namespaces still have after a move to podrole. */

/** Annotation of a pod: a role ARN, or the name of a role. [kube2iam] README, [kiam] README */
export const KUBE2IAM_ROLE_ANNOTATION = 'iam.amazonaws.com/role';

/** Further annotations of a pod. [kube2iam] and [kiam]: external ID; [kiam]: session name */
export const KUBE2IAM_POD_ANNOTATION = {
  externalId: 'iam.amazonaws.com/external-id',
  sessionName: 'iam.amazonaws.com/session-name',
} as const;

/** Annotations of a Namespace that decide which roles its pods may name. */
export const NAMESPACE_RULE_ANNOTATION = {
  /** [kiam] A regular expression. */
  permitted: 'iam.amazonaws.com/permitted',
  /** [kube2iam] A JSON array of globs; of expressions with --namespace-restriction-format=regexp. */
  allowedRoles: 'iam.amazonaws.com/allowed-roles',
} as const;
