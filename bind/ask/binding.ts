import type { InlinePolicy } from '../iam/inline-policy.ts';

/** What a user asks for: one ServiceAccount and its role. From the command line, a bindings file, or an eksctl file. */
export interface Binding {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** An existing role that is only annotated and trusted, never changed otherwise. Excludes roleName and everything that shapes a role. */
  readonly attachRoleArn: string | undefined;
  /** Name of the role, without path; undefined: made of cluster, namespace and name. */
  readonly roleName: string | undefined;
  /** Begins and ends with `/`. */
  readonly rolePath: string;
  readonly attachPolicyArns: readonly string[];
  /** Name and document of inline policies. */
  readonly inlinePolicies: readonly InlinePolicy[];
  readonly wellKnown: readonly string[];
  readonly permissionsBoundary: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** MaxSessionDuration; undefined: that of IAM for a new role, whatever it is for an existing one. */
  readonly sessionDurationSeconds: number | undefined;
  /** Only the role: no ServiceAccount is made or annotated. */
  readonly roleOnly: boolean;
  /** Labels and annotations for a ServiceAccount that is made. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** `system:serviceaccount:shop:*`: trusted by StringLike in place of the one ServiceAccount. */
  readonly subjectPattern: string | undefined;
  /** Audience of the token; undefined: that of the command. */
  readonly audience: string | undefined;
}
