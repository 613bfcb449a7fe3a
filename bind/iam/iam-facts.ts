import type { InlinePolicy } from './inline-policy.ts';

/** An OIDC provider as IAM answers it. */
export interface ProviderFacts {
  readonly arn: string;
  /** With `https://`, which IAM omits. */
  readonly issuer: string;
  readonly clientIds: readonly string[];
  /** SHA-1 in hex, lower case. */
  readonly thumbprints: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: Date | undefined;
}

/** A role as a list of roles answers it: without tags and policies. */
export interface RoleSummary {
  readonly arn: string;
  readonly name: string;
  /** Begins and ends with `/`. */
  readonly path: string;
  /** JSON value of the trust policy; undefined if it is not JSON. */
  readonly trustPolicy: unknown;
}

/** A role of a list, with what only some commands need. */
export interface ListedRole extends RoleSummary {
  readonly createdAt: Date | undefined;
  readonly maxSessionDurationSeconds: number;
}

/** A role as IAM answers it. */
export interface RoleFacts extends RoleSummary {
  readonly description: string;
  readonly maxSessionDurationSeconds: number;
  /** ARN of the boundary policy. */
  readonly permissionsBoundary: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Undefined if the server lacks the call, as Ceph's radosgw does. */
  readonly attachedPolicyArns: readonly string[] | undefined;
  readonly inlinePolicies: readonly InlinePolicy[];
}
