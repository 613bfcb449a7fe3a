import type { InlinePolicy } from '../iam/inline-policy.ts';
import type { TrustCondition } from '../trust/trust-entry.ts';

/**
 * One ServiceAccount, or one container of its pods, and the role that a user wants for it. It comes from the
 * command line, a bindings file or an eksctl file.
 */
export interface Binding {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Container that gets a role of its own; undefined: the role is that of the whole pod. */
  readonly container?: string | undefined;
  /**
   * Existing role: only its trust policy is changed. Excludes roleName and every field that shapes a role.
   */
  readonly attachRoleArn: string | undefined;
  /** Name of the role, without path; undefined: composed of cluster, namespace and name. */
  readonly roleName: string | undefined;
  /** Begins and ends with `/`; undefined: that of the existing role, else `/`. */
  readonly rolePath: string | undefined;
  /**
   * Each of these lists is complete if it is given, also if it is empty: what podrole added and is not in it
   * is removed. Undefined: what the role has stays.
   */
  readonly attachPolicyArns: readonly string[] | undefined;
  readonly inlinePolicies: readonly InlinePolicy[] | undefined;
  readonly wellKnown: readonly string[] | undefined;
  readonly permissionsBoundary: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** MaxSessionDuration; undefined: IAM's default for a new role, unchanged for an existing one. */
  readonly sessionDurationSeconds: number | undefined;
  /** Only the role: no ServiceAccount is created or annotated. */
  readonly roleOnly: boolean;
  /** Labels and annotations of a ServiceAccount that podrole creates. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** `system:serviceaccount:shop:*`: trusted by StringLike instead of the one ServiceAccount. */
  readonly subjectPattern: string | undefined;
  /** Further conditions of podrole's trust statement; undefined: those that are there stay. */
  readonly conditions?: readonly TrustCondition[] | undefined;
  /** Audience of the token; undefined: that of the command, else that of ServiceAccount or role. */
  readonly audience: string | undefined;
  /** Role that the role of the pods assumes for them; undefined: what is there stays. */
  readonly targetRoleArn?: string | undefined;
  /** False: the target role is assumed without session tags. Undefined: with them. */
  readonly sessionTags?: boolean | undefined;
}
