import { IAM_OIDC_PROVIDER } from './contract/iam.ts';

/**
 * Returns why a string cannot be an issuer, by the rules of kube-apiserver's `--service-account-issuer` and
 * of OpenID Connect Discovery 1.0, section 3; undefined if it can be one.
 */
export function issuerProblem(issuer: string): string | undefined {
  if (!URL.canParse(issuer) || !issuer.startsWith('https://'))
    return 'is not a URL that begins with https://';
  if (/[?#]/.test(issuer)) return 'has a query or a fragment';
  const { username, password } = new URL(issuer);
  return username || password ? 'has a user name or a password' : undefined;
}

/**
 * Returns why IAM refuses an issuer as the URL of an OIDC provider; undefined if IAM accepts it. [iam]
 * CreateOpenIDConnectProvider
 */
export function iamIssuerProblem(issuer: string): string | undefined {
  const problem = issuerProblem(issuer);
  if (problem) return problem;
  if (/^https:\/\/[^/]*:\d*(\/|$)/.test(issuer)) return 'has a port, which IAM does not allow';
  if (/[^!-~]/.test(issuer))
    return 'has a space or a character outside ASCII, which must be encoded in a URL';
  const { maxUrlLength } = IAM_OIDC_PROVIDER;
  return issuer.length > maxUrlLength ? `is longer than IAM's ${maxUrlLength} characters` : undefined;
}

/** Returns `HOST/PATH` of an issuer, as in the ARN of its provider and before `:sub` in a condition key. */
export function issuerHostPath(issuer: string): string {
  return issuer.replace(/^https:\/\//, '');
}

/**
 * Returns the address of a document below an issuer; a `/` at the issuer's end is dropped first. OpenID
 * Connect Discovery 1.0, section 4
 */
export function belowIssuer(issuer: string, path: string): string {
  return `${issuer.replace(/\/$/, '')}${path}`;
}
