/** The proxy that is left. */
export type OldProxy = 'kube2iam' | 'kiam';

/** Everything that `podrole migrate` found out, as plain data: every output is made from it. */
export interface MigrationModel {
  readonly from: OldProxy;
  /** ISO 8601. */
  readonly collectedAt: string;
  /** Issuer of the cluster, with `https://`; undefined if it was not read. */
  readonly issuer: string | undefined;
  /** Audience of the tokens after the move: that of `podrole webhook`. */
  readonly audience: string;
  /** Prefix of the role-arn annotation of ServiceAccounts; left out: that of the AWS webhook. */
  readonly annotationPrefix?: string;
  /** Role by which the proxy assumes the others; undefined if it could not be found out. */
  readonly proxyRoleArn: string | undefined;
  /** Objects that run the proxy, as far as they were found. */
  readonly proxies: readonly ProxyObject[];
  /** Flags of `podrole webhook` by which it reads the same annotations as the proxy does. */
  readonly webhookFlags: WebhookFlags;
  readonly workloads: readonly MigratedWorkload[];
  /** False if there may be more workloads or pods than these, which use the same roles; left out: true. */
  readonly isWhole?: boolean;
  /** Roles that the workloads name. */
  readonly roles: readonly MigratedRole[];
  /** ServiceAccounts with more than one role, each with the ServiceAccounts that split them. */
  readonly splits: readonly ServiceAccountSplit[];
  /** Namespaces of the workloads. */
  readonly namespaces: readonly MigratedNamespace[];
  /** Findings that a human must decide; sorted, the ones that break something first. */
  readonly findings: readonly MigrationFinding[];
  /** Each read that failed, with what the plan therefore does not say. */
  readonly unread: readonly string[];
}

/** An object of the cluster that runs the old proxy, or a part of it. */
export interface ProxyObject {
  /** `DaemonSet`, `Deployment`. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `server` of kiam is the part that holds the right to assume roles. kube2iam has `agent` alone. */
  readonly part: 'agent' | 'server';
}

export interface WebhookFlags {
  /** `iam.amazonaws.com/role`, unless the proxy was told another one. */
  readonly podRoleAnnotation: string;
  /** Prefix that completes role names; undefined if the proxy finds it out itself. */
  readonly baseRoleArn: string | undefined;
  readonly namespaceRestrictionFormat: 'glob' | 'regexp';
}

/** A controller, or a pod without one, whose pods name a role. */
export interface MigratedWorkload {
  readonly namespace: string;
  /** `apps/v1`; undefined if nobody said it. */
  readonly apiVersion: string | undefined;
  /** `Deployment`, `CronJob`, `Pod`. */
  readonly kind: string;
  readonly name: string;
  /** Pods that run now. */
  readonly pods: readonly string[];
  readonly serviceAccount: string;
  /** ServiceAccount to use, if the one above is shared by pods with other roles. */
  readonly newServiceAccount: string | undefined;
  /**
   * Role in the annotation of the ServiceAccount that its pods use now, as it is written; undefined if it has
   * none, or was not read.
   */
  readonly serviceAccountRole?: string | undefined;
  /** False if that ServiceAccount was not found, or not read; left out: true. */
  readonly serviceAccountIsRead?: boolean;
  /** As it is written on the pod. */
  readonly given: string;
  /** Place of the annotation: in the pod template, or only on pods, which somebody annotated. */
  readonly annotatedIn: 'template' | 'pods';
  /** Undefined if the role name cannot be completed. */
  readonly roleArn: string | undefined;
  readonly sessionName: string | undefined;
  readonly externalId: string | undefined;
  /** Reason why the namespace's rule refuses the role; undefined if it allows it. */
  readonly refused: string | undefined;
  /** True if it is refused with the proposed rules of its namespace too; left out if it is not refused. */
  readonly staysRefused?: boolean;
  /** State of the running pods: who serves their role. */
  readonly servedBy: 'old proxy' | 'podrole' | 'both' | 'no pods' | 'unknown';
  /** Way in which its SDKs get the role afterwards; `unknown` until `--probe`. */
  readonly needs: 'web identity' | 'sidecar' | 'unknown';
  /** Mode of the sidecar for its oldest SDK; left out if it needs none, or if that is not known. */
  readonly sidecarMode?: 'credentials' | 'metadata';
  /** Value of `podrole.dev/sidecar` on its pods now; left out if they have none. */
  readonly sidecarNow?: string;
  /** SDKs that `--probe` found, such as `boto3 1.9.100`. */
  readonly sdks: readonly string[];
}

export interface MigratedRole {
  readonly arn: string;
  /** Undefined if IAM was not read. */
  readonly exists: boolean | undefined;
  /** Trust policy as it was read: a JSON value; undefined if it was not read. */
  readonly trustPolicy: unknown;
  /** The proxy's role may assume it. */
  readonly trustsProxy: boolean | undefined;
  /** ServiceAccounts, `namespace/name`, of its pods as they are now, before the splits. */
  readonly currentServiceAccounts: readonly string[];
  /**
   * ServiceAccounts, `namespace/name`, that the trust policy must let in: those after the splits, and those
   * as which pods have the role from podrole already.
   */
  readonly serviceAccounts: readonly string[];
  /** Those of them that the trust policy does not let in yet. */
  readonly untrusted: readonly string[] | undefined;
}

export interface ServiceAccountSplit {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Role that stays with it: the one of the most pods; undefined if none does. */
  readonly keeps: string | undefined;
  readonly others: readonly { readonly serviceAccount: string; readonly roleArn: string }[];
  /** Names of the Secrets in its `imagePullSecrets`, which the new ones need too. */
  readonly imagePullSecrets: readonly string[];
  /** Its member of that name; left out if it is not set. */
  readonly automountServiceAccountToken?: boolean;
  /** RoleBindings and ClusterRoleBindings that name it; undefined if they were not read. */
  readonly bindings: readonly AccountBinding[] | undefined;
}

/** Bindings are copied for each new ServiceAccount: a tenant could multiply them. */
export const COPIED_BINDINGS_MAX = 100;

/** A binding that gives a ServiceAccount rights in the cluster. */
export interface AccountBinding {
  readonly kind: 'RoleBinding' | 'ClusterRoleBinding';
  /** Undefined for a ClusterRoleBinding. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly roleKind: 'Role' | 'ClusterRole';
  readonly roleName: string;
}

/** A namespace with workloads that name roles. */
export interface MigratedNamespace {
  readonly name: string;
  /** `iam.amazonaws.com/allowed-roles`, as it is written; undefined if it is absent or was not read. */
  readonly allowedRoles: string | undefined;
  /** `iam.amazonaws.com/permitted`, as it is written; undefined if it is absent or was not read. */
  readonly permitted: string | undefined;
  /**
   * Entries for `iam.amazonaws.com/allowed-roles`, a JSON array, that allow exactly what its pods use today
   * and what the annotation allows already. Undefined if it needs no change: the proxy asks for no rule, or
   * a rule decides today as it will.
   */
  readonly proposedAllowedRoles: readonly string[] | undefined;
}

export interface MigrationFinding {
  /** `breaks`: pods lose something. `decide`: needs a decision. `note`: good to know. */
  readonly weight: 'breaks' | 'decide' | 'note';
  /** `Deployment shop/web`. */
  readonly object: string;
  /** Rest of a sentence that begins with the object. */
  readonly text: string;
  readonly remedy: string;
}
