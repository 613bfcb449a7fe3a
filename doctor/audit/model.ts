import type { Finding, Remedy } from '../chain/finding.ts';
import type { AuditCode } from './explanations/audit-code.ts';
import type { Severity } from './severity.ts';

/** Everything that `podrole audit` found out, as plain data: every output is made from it. */
export interface AuditModel {
  /** ISO 8601. */
  readonly collectedAt: string;
  readonly clusters: readonly AuditedCluster[];
  /** Account whose roles were read; undefined if IAM was not read. */
  readonly account: { readonly accountId: string; readonly partition: string } | undefined;
  readonly serviceAccounts: readonly AuditedServiceAccount[];
  readonly roles: readonly AuditedRole[];
  readonly grants: readonly AuditedGrant[];
  /** Sorted: the most severe first. */
  readonly findings: readonly AuditFinding[];
  readonly chains: readonly AuditedChain[];
}

export interface AuditedCluster {
  /** Context of the kubeconfig, by which the other parts name the cluster. */
  readonly context: string;
  readonly issuer: string | undefined;
  readonly totals: {
    readonly namespaces: number;
    readonly serviceAccounts: number;
    readonly pods: number;
    readonly nodes: number;
  };
  /** Each read that failed, with what the audit therefore does not say. */
  readonly unread: readonly string[];
}

export interface AuditedServiceAccount {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly pods: number;
}

export interface AuditedRole {
  readonly arn: string;
  /** False: only named, not found in the account that was read. */
  readonly exists: boolean;
  /** ISO 8601; undefined if IAM does not say. */
  readonly lastUsedAt: string | undefined;
}

/** Ways in which a ServiceAccount, its pods or its users get the credentials of a role. */
export type GrantKind =
  /** Annotation, webhook and trust policy: IRSA. */
  | 'web-identity'
  /** `podrole.dev/container-roles`. */
  | 'container-role'
  /** The trust policy lets the ServiceAccount in, and no annotation names the role: a token is enough. */
  | 'trusted-only'
  /** The annotation of a pod names it, and podrole's webhook gave the pod a token for it. */
  | 'pod-annotation'
  /** The same annotation, served by kube2iam or kiam. */
  | 'kube2iam'
  /** Instance metadata of the node. */
  | 'node-profile';

/** One edge from a ServiceAccount, or one container of its pods, to a role, as IAM judges it. */
export interface JoinedGrant {
  readonly kind: GrantKind;
  readonly cluster: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly container: string | undefined;
  readonly roleArn: string;
  /** As an annotation of pods names it. */
  readonly given?: string | undefined;
  /** Pods that have it now, up to 20 of their names. */
  readonly pods: readonly string[];
  /** Places from which these pods take the sessions: `web identity`, `sidecar`, `podrole agent`. */
  readonly servedBy?: readonly string[] | undefined;
  /**
   * `allowed`: STS lets it in. `refused`: it is named, and STS refuses. `restricted`: it depends on what
   * cannot be evaluated. `unknown`: IAM was not read, or another account has the role.
   */
  readonly verdict: 'allowed' | 'refused' | 'restricted' | 'unknown';
  /** Statement and conditions that decided. */
  readonly reasons: readonly string[];
}

/** Who may assume what. */
export interface AuditedGrant extends JoinedGrant {
  /**
   * Judgement of the namespace's rules and of the policy file. `none`: no rule is about it, or it could not
   * be read.
   */
  readonly policy: 'allowed' | 'refused' | 'none';
  /** Rest of the story; undefined if there is none. */
  readonly policyReason: string | undefined;
}

export interface AuditFinding {
  readonly code: AuditCode;
  readonly severity: Severity;
  /** Cluster and namespace; undefined if the finding is about IAM alone. */
  readonly cluster: string | undefined;
  readonly namespace: string | undefined;
  /** `ServiceAccount shop/web`, `role arn:…`. */
  readonly object: string;
  /** Rest of a sentence that begins with the object. */
  readonly text: string;
  readonly remedy: Remedy;
}

/** The judged chain of a ServiceAccount with a role. An audit makes no live call for it. */
export interface AuditedChain {
  readonly cluster: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly container: string | undefined;
  readonly roleArn: string;
  readonly findings: readonly Finding[];
}
