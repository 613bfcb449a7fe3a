/**
 * Limits of IAM.
 *
 * [iam]  IAM User Guide, "IAM and STS quotas" and "IAM identifiers"
 */

/** ID of an AWS account. [iam] "IAM identifiers" */
export const AWS_ACCOUNT_ID = /^\d{12}$/;

/**
 * Account in an ARN: the ID of an AWS account, or a tenant or account of Ceph radosgw, such as `tenant1` and
 * `RGW11111111111111111`. A number of another length is taken for a mistyped AWS account.
 */
export const ACCOUNT = /^(?:\d{12}|\d{0,63}[a-z_.-][\w.-]{0,63})$/i;

/**
 * Partition, the second part of an ARN: `aws`, `aws-cn`, `aws-us-gov`, and that of MinIO. [iam] "IAM
 * identifiers"
 */
export const PARTITION = /^(?:aws(?:-[a-z]+)*|minio)$/;

/** Partition of MinIO, which has roles and an STS, but no IAM. */
export const MINIO_PARTITION = 'minio';

/** Region. It is part of the host names of AWS, so it is at most a DNS label. */
export const REGION = /^[a-z0-9-]{1,63}$/;

/** Signature algorithms that IAM OIDC providers accept. [iam] "Create an OpenID Connect identity provider" */
export const TOKEN_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'] as const;

/** Limits of an OIDC provider, which represents an issuer in IAM. [iam] */
export const IAM_OIDC_PROVIDER = {
  maxUrlLength: 255,
  maxClientIds: 100,
  maxClientIdLength: 255,
  maxThumbprints: 5,
  /** Most providers in one account; this quota can be raised. */
  maxPerAccount: 100,
} as const;

/** Limits of a role. [iam] "IAM and STS quotas" */
export const IAM_ROLE = {
  maxNameLength: 64,
  /** Most characters of a trust policy, white space not counted; this quota can be raised. */
  maxTrustPolicyLength: 2_048,
  /** Most characters of all inline policies of a role together, white space not counted. */
  maxInlinePoliciesLength: 10_240,
  /** MaxSessionDuration of a role; `min` is also the default. [iam] CreateRole */
  maxSessionDurationSeconds: { min: 3_600, max: 43_200 },
  maxTags: 50,
  /** Managed policies of a role: the default quota, and the highest that AWS raises it to. */
  usualManagedPolicies: 10,
  maxManagedPolicies: 20,
} as const;

/**
 * Limits of a tag. Letters, digits and white space of any script are allowed, and a few other characters.
 * [iam] "Rules for tagging in IAM and AWS STS"
 */
export const IAM_TAG_RULES = {
  maxKeyLength: 128,
  maxValueLength: 256,
  characters: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u,
} as const;
