/**
 * What STS takes, and how it verifies a token.
 *
 * [sts]  AWS STS API Reference, AssumeRoleWithWebIdentity
 * [iam]  IAM User Guide, "IAM and STS quotas" and "OIDC federation"
 */

/** AssumeRoleWithWebIdentity's RoleSessionName. [sts] */
export const SESSION_NAME = { pattern: /^[\w+=,.@-]{2,64}$/, maxLength: 64 } as const;

/** AssumeRoleWithWebIdentity's DurationSeconds. [sts] */
export const SESSION_DURATION_SECONDS = { default: 3_600, min: 900, max: 43_200 } as const;

/** AssumeRoleWithWebIdentity's WebIdentityToken, in characters. [sts] */
export const WEB_IDENTITY_TOKEN_LENGTH = { min: 4, max: 20_000 } as const;

/** STS accepts a token this long after its `exp`. [iam] "OIDC federation", clock skew */
export const TOKEN_EXPIRY_GRACE_SECONDS = 300;

/** STS gives up on an issuer that answers slower than this. [iam] */
export const ISSUER_FETCH_TIMEOUT_MS = 5_000;

/** Most keys of each type that IAM reads from a JWKS. [iam] */
export const JWKS_MAX_KEYS_PER_TYPE = 100;

/** How long after publishing a key STS may still answer from a key set that it fetched before: the least wait before the key may sign. */
export const JWKS_CACHE_SECONDS = 3_600;

/** Path of the discovery document below the issuer. OpenID Connect Discovery 1.0, section 4 */
export const DISCOVERY_PATH = '/.well-known/openid-configuration';

/** The Query API of STS: version, and the namespaces of its answers and of faults found before an action ran. [sts] */
export const STS_API = {
  version: '2011-06-15',
  namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  faultNamespace: 'http://webservices.amazon.com/AWSFault/2005-15-09',
} as const;

/** How far the date of a signed request may be from the clock of STS. [iam] "AWS Signature Version 4 for API requests" */
export const SIGNATURE_CLOCK_SKEW_SECONDS = 300;
