import type { AuditRole } from '../../doctor/audit/facts/audit-facts.ts';
import type { NamespaceFacts } from '../../policy/namespace-facts.ts';
import type { RolePolicy } from '../../policy/role-policy.ts';
import type { AccountBinding, OldProxy } from '../model.ts';
import type { WorkloadFacts } from './workload-facts.ts';

/** Everything that was read for a plan, as plain data. The plan is made from it alone. */
export interface MigrationFacts {
  readonly from: OldProxy;
  /** Judgements about time use this, and not the clock. */
  readonly collectedAt: Date;
  /** Undefined if it was not read. */
  readonly issuer: string | undefined;
  readonly settings: MigrationJudgement;
  /** Empty if there is none; undefined if nobody could look for them. */
  readonly proxies: readonly ProxyFacts[] | undefined;
  readonly workloads: readonly WorkloadFacts[];
  /** False if there may be more running pods of these workloads. */
  readonly hasAllPods: boolean;
  /** False if workloads or pods may be missing: other namespaces, or lists that were refused or cut. */
  readonly isWhole: boolean;
  /** By name; undefined if they were not read. */
  readonly namespaces: ReadonlyMap<string, NamespaceFacts> | undefined;
  /** By `namespace/name`; undefined if they were not read. */
  readonly serviceAccounts: ReadonlyMap<string, ServiceAccountSummary> | undefined;
  /** By `namespace/name` of the ServiceAccount; undefined if they were not read. */
  readonly bindings: ReadonlyMap<string, readonly AccountBinding[]> | undefined;
  readonly iam: MigrationIam;
  readonly unread: readonly string[];
}

/** Settings that change a judgement. */
export interface MigrationJudgement {
  /** Audience of the tokens. */
  readonly audience: string;
  /** Prefix of the role-arn annotation of ServiceAccounts. */
  readonly annotationPrefix: string;
  /** Given by the user; it wins over what the proxy's flags say. */
  readonly baseRoleArn: string | undefined;
  /** Given by the user. */
  readonly proxyRoleArn: string | undefined;
  /** Given by the user; undefined: the proxy's flags say it. */
  readonly allowedRolesFormat: 'glob' | 'regexp' | undefined;
  /** Annotation of pods that names the role, as the user or the proxy's flags say it. */
  readonly podRoleAnnotation: string;
  readonly policy: RolePolicy | undefined;
}

/** Flags of an object that runs the proxy, as far as the plan depends on them. */
export interface ProxyFacts {
  readonly kind: 'DaemonSet' | 'Deployment';
  readonly namespace: string;
  readonly name: string;
  readonly part: 'agent' | 'server';
  /** [kube2iam] --base-role-arn, [kiam] --role-base-arn */
  readonly baseRoleArn: string | undefined;
  /** It finds the prefix out from the instance profile. [kube2iam] --auto-discover-base-arn */
  readonly findsBaseArn: boolean;
  /** Role of pods that name none. [kube2iam] --default-role, --auto-discover-default-role: `discovered` */
  readonly defaultRole: string | undefined;
  /** It judges roles by the Namespace. kiam always does. [kube2iam] --namespace-restrictions */
  readonly isRestricted: boolean;
  /** [kube2iam] --namespace-restriction-format */
  readonly allowedRolesFormat: 'glob' | 'regexp';
  /** [kube2iam] --iam-role-key */
  readonly podRoleAnnotation: string | undefined;
  /** Key of the Namespaces' rule. [kube2iam] --namespace-key */
  readonly namespaceKey: string | undefined;
  /** Role that it assumes first. [kiam] --assume-role-arn */
  readonly assumesFirst: string | undefined;
  /** Seconds of a session, if a flag sets it. [kube2iam] --iam-role-session-ttl, [kiam] --session-duration */
  readonly sessionSeconds: number | undefined;
  /** It adds the rule of the node that leads the metadata address to it. [kube2iam], [kiam] --iptables */
  readonly addsNodeRule: boolean;
}

export interface ServiceAccountSummary {
  readonly namespace: string;
  readonly name: string;
  /** Role of its own annotation, as it is written. */
  readonly role: string | undefined;
  readonly imagePullSecrets: readonly string[];
  /** Its member of that name; left out if it is not set. */
  readonly automountServiceAccountToken?: boolean;
}

/** IAM, as far as the plan depends on it. */
export interface MigrationIam {
  /** Undefined if it could not be found out. */
  readonly account: { readonly accountId: string; readonly partition: string } | undefined;
  /** Undefined if IAM was not read. */
  readonly roles: readonly AuditRole[] | undefined;
  /** ARNs of the OIDC providers of the account; undefined if they were not read. */
  readonly providerArns: readonly string[] | undefined;
}
