import type { InlinePolicy } from './inline-policy.ts';

/** An OIDC provider as IAM holds it. */
export interface ProviderFacts {
  readonly arn: string;
  /** With `https://`, which IAM leaves out of its answer. */
  readonly issuer: string;
  readonly clientIds: readonly string[];
  /** SHA-1 in hex, lower case. */
  readonly thumbprints: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: Date | undefined;
}

/** What a list of roles says of one: no tags, no policies. */
export interface RoleSummary {
  readonly arn: string;
  readonly name: string;
  /** Begins and ends with `/`. */
  readonly path: string;
  /** JSON value of the trust policy; undefined where it is no JSON. */
  readonly trustPolicy: unknown;
}

/** A role as IAM holds it. */
export interface RoleFacts extends RoleSummary {
  readonly description: string;
  readonly maxSessionDurationSeconds: number;
  /** ARN of the boundary policy. */
  readonly permissionsBoundary: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Undefined where the server has no such call, as Ceph's radosgw. */
  readonly attachedPolicyArns: readonly string[] | undefined;
  readonly inlinePolicies: readonly InlinePolicy[];
}
