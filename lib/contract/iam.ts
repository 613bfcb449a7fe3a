/**
 * Limits of IAM.
 *
 * [iam]  IAM User Guide, "IAM and STS quotas" and "IAM identifiers"
 */

/** An AWS account. [iam] "IAM identifiers" */
export const ACCOUNT_ID = /^\d{12}$/;

/** A partition, the second part of an ARN: `aws`, `aws-cn`, `aws-us-gov`. [iam] "IAM identifiers" */
export const PARTITION = /^aws(?:-[a-z]+)*$/;

/** A region: part of the host names of AWS, so at most a DNS label. */
export const REGION = /^[a-z0-9-]{1,63}$/;

/** Signature algorithms that IAM OIDC providers accept. [iam] "Create an OpenID Connect identity provider" */
export const TOKEN_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'] as const;

/** The OIDC provider that stands for an issuer in IAM. [iam] */
export const IAM_OIDC_PROVIDER = {
  maxUrlLength: 255,
  maxClientIds: 100,
  maxClientIdLength: 255,
  maxThumbprints: 5,
  /** In one account; a quota that can be raised. */
  maxPerAccount: 100,
} as const;

/** IAM roles. [iam] "IAM and STS quotas" */
export const IAM_ROLE = {
  maxNameLength: 64,
  /** Characters of a trust policy without white space; a quota that can be raised. */
  maxTrustPolicyLength: 2_048,
  /** Characters of all inline policies of a role together, without white space. */
  maxInlinePoliciesLength: 10_240,
  /** MaxSessionDuration of a role; the least is the default. [iam] CreateRole */
  maxSessionDurationSeconds: { min: 3_600, max: 43_200 },
  maxTags: 50,
} as const;

/**
 * Tags of IAM: letters, digits, white space and these characters, of any script. [iam] "Rules for tagging in IAM
 * and AWS STS"
 */
export const IAM_TAG_RULES = {
  maxKeyLength: 128,
  maxValueLength: 256,
  characters: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u,
} as const;
