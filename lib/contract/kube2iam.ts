/** Names of kube2iam and kiam, which pods still have after a move to podrole. */

/** Annotation of a pod: a role ARN, or the name of a role. [kube2iam] README, [kiam] README */
export const KUBE2IAM_ROLE_ANNOTATION = 'iam.amazonaws.com/role';
