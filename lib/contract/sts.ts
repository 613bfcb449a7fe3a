/**
 * Limits and paths of STS, and rules by which it verifies a token.
 *
 * [sts]  AWS STS API Reference, AssumeRoleWithWebIdentity
 * [iam]  IAM User Guide, "IAM and STS quotas" and "OIDC federation"
 */

/** RoleSessionName of AssumeRoleWithWebIdentity. [sts] */
export const SESSION_NAME = { pattern: /^[\w+=,.@-]{2,64}$/, maxLength: 64 } as const;

/** DurationSeconds of AssumeRoleWithWebIdentity. [sts] */
export const SESSION_DURATION_SECONDS = { default: 3_600, min: 900, max: 43_200 } as const;

/**
 * Session policy of AssumeRole and AssumeRoleWithWebIdentity: most characters, and those that STS takes.
 * [sts] AssumeRole, Policy
 */
export const SESSION_POLICY = { maxLength: 2_048, characters: /^[\t\n\r\u0020-\u00ff]*$/ } as const;

/**
 * Longest session of a role that was assumed by the session of another role, whatever MaxSessionDuration is.
 * [iam] "Role chaining"
 */
export const CHAINED_SESSION_MAX_SECONDS = 3_600;

/** Length of the WebIdentityToken of AssumeRoleWithWebIdentity, in characters. [sts] */
export const WEB_IDENTITY_TOKEN_LENGTH = { min: 4, max: 20_000 } as const;

/** Time after its `exp` during which STS still accepts a token. [iam] "OIDC federation", clock skew */
export const TOKEN_EXPIRY_GRACE_SECONDS = 300;

/** Time that STS waits for the answer of an issuer. [iam] */
export const ISSUER_FETCH_TIMEOUT_MS = 5_000;

/** Most keys of each type that IAM reads from a JWKS. [iam] */
export const JWKS_MAX_KEYS_PER_TYPE = 100;

/**
 * Time during which STS may still use a key set that it fetched before a key was published. The new key must
 * not sign earlier.
 */
export const JWKS_CACHE_SECONDS = 3_600;

/** Path of the discovery document below the issuer. OpenID Connect Discovery 1.0, section 4 */
export const DISCOVERY_PATH = '/.well-known/openid-configuration';

/**
 * Query API of STS: its version, the namespace of its answers, and the namespace of the errors that it finds
 * before an action runs. [sts]
 */
export const STS_API = {
  version: '2011-06-15',
  namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  faultNamespace: 'http://webservices.amazon.com/AWSFault/2005-15-09',
} as const;

/**
 * Largest difference between the date of a signed request and the clock of STS. [iam] "AWS Signature Version
 * 4 for API requests"
 */
export const SIGNATURE_CLOCK_SKEW_SECONDS = 300;
