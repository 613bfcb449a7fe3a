import { compactVerify, decodeJwt, decodeProtectedHeader, errors, type JWTPayload } from 'jose';
import { TOKEN_ALGORITHMS } from '../lib/contract/iam.ts';
import { TOKEN_EXPIRY_GRACE_SECONDS } from '../lib/contract/sts.ts';
import { messageOf } from '../lib/errors.ts';
import { asArray, asText } from '../lib/json/json.ts';
import { isBase64Url } from '../lib/text/base64url.ts';
import { IssuerFetchError } from '../oidc/verify/fetch-answer.ts';
import type { FindKey } from './issuer-keys.ts';
import { StsError } from './sts-error.ts';

/** An OIDC provider of the account, as far as tokens are concerned. */
export interface TokenProvider {
  /** Exactly the `iss` of its tokens. */
  readonly url: string;
  readonly clientIDs: readonly string[];
  readonly findKey: FindKey;
}

/** Verified identity from a token. */
export interface WebIdentity<Provider extends TokenProvider> {
  readonly provider: Provider;
  readonly subject: string;
  /** The client ID that the token is for. */
  readonly audience: string;
  readonly claims: JWTPayload;
}

/** Claims of a token for the log, verified or not. */
export interface TokenClaims {
  readonly issuer?: string;
  readonly subject?: string;
  readonly audience?: readonly string[];
}

/** Returns the issuer, subject and audience that a token claims; nothing if it is not a token. */
export function claimsOf(token: string): TokenClaims {
  const claims = decoded(token)?.claims;
  const issuer = asText(claims?.iss);
  const subject = asText(claims?.sub);
  return {
    ...(issuer === undefined ? {} : { issuer }),
    ...(subject === undefined ? {} : { subject }),
    ...(claims?.aud === undefined ? {} : { audience: audiencesOf(claims) }),
  };
}

/**
 * Verifies a token as STS does: form and algorithm, a provider for its issuer before anything is fetched,
 * signature by a key that the issuer publishes, then audience and times.
 * @param now seconds since 1970
 * @throws StsError with AWS's code and message
 */
export async function verifyWebIdentity<Provider extends TokenProvider>(
  token: string,
  providers: ReadonlyMap<string, Provider>,
  now: number,
): Promise<WebIdentity<Provider>> {
  const { algorithm, claims } = decoded(token) ?? {};
  if (!claims) throw invalidToken('The ID Token provided is not a valid JWT');
  if (!TOKEN_ALGORITHMS.some((allowed) => allowed === algorithm)) {
    throw invalidToken(
      'The ID Token provided is not a valid JWT',
      `algorithm ${String(algorithm)} is not accepted`,
    );
  }
  const provider = providers.get(required(asText(claims.iss), 'iss'));
  if (!provider) throw invalidToken(`No OpenIDConnect provider found in your account for ${claims.iss}`);
  await verifySignature(token, provider);
  const subject = required(asText(claims.sub), 'sub');
  const audience = matchAudience(claims, provider.clientIDs);
  verifyTimes(claims, now);
  return { provider, subject, audience, claims };
}

/** Stricter than decoders, which ignore white space and padding. A token has neither. RFC 7515, section 2 */
const THREE_PARTS = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/**
 * Decodes a JWT of three parts whose header and claims are JSON objects, in canonical base64url; undefined
 * for anything else. The last of two members of the same name counts, as RFC 7519, section 4, allows, and the
 * claims that are checked are the ones that are used. No extension is supported: `crit` names extensions that
 * a verifier must understand, and RFC 7797, section 7, forbids `b64` in a JWT.
 */
function decoded(token: string): { algorithm: unknown; claims: JWTPayload } | undefined {
  if (!THREE_PARTS.test(token)) return undefined;
  const [header, payload] = token.split('.');
  if (!isBase64Url(header) || !isBase64Url(payload)) return undefined;
  try {
    const { alg, crit, b64 } = decodeProtectedHeader(token);
    return crit === undefined && b64 === undefined ? { algorithm: alg, claims: decodeJwt(token) } : undefined;
  } catch {
    return undefined;
  }
}

async function verifySignature(token: string, provider: TokenProvider): Promise<void> {
  if (!isBase64Url(token.split('.')[2])) {
    throw invalidToken('Token signature invalid', 'the signature is not canonical base64url');
  }
  try {
    await compactVerify(token, provider.findKey, { algorithms: [...TOKEN_ALGORITHMS] });
  } catch (thrown) {
    if (thrown instanceof IssuerFetchError) throw fetchRefusal(thrown);
    // Otherwise the token or a published key is wrong: no key with that id, another key's signature, a broken
    // key.
    if (thrown instanceof errors.JWSSignatureVerificationFailed) {
      throw invalidToken('Token signature invalid', 'the published key of that id did not sign this token');
    }
    throw invalidToken(NO_KEY, `key id ${String(decodeProtectedHeader(token).kid)}: ${messageOf(thrown)}`);
  }
}

/** Two spaces, as AWS writes it. */
const NO_KEY =
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";

/** Clients retry IDPCommunicationError, so it is only for faults that may pass by themselves. */
function fetchRefusal({ kind, message }: IssuerFetchError): StsError {
  if (kind === 'unreachable') {
    return new StsError(
      'IDPCommunicationError',
      'An error occurred while communicating with the identity provider',
      message,
    );
  }
  return kind === 'invalid'
    ? invalidToken(NO_KEY, message)
    : invalidToken("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint", message);
}

function audiencesOf({ aud }: JWTPayload): readonly string[] {
  return (asArray(aud) ?? [aud]).filter((item) => typeof item === 'string');
}

function matchAudience(claims: JWTPayload, clientIDs: readonly string[]): string {
  const audiences = audiencesOf(claims);
  const found = audiences.find((audience) => clientIDs.includes(audience));
  if (found === undefined) {
    throw invalidToken(
      'Incorrect token audience',
      `audience ${audiences.join(', ')}; client IDs ${clientIDs.join(', ')}`,
    );
  }
  return found;
}

/** AWS documents the grace only for `exp`. Here `nbf` has it too, since either clock may be ahead. */
function verifyTimes({ exp, nbf, iat }: JWTPayload, now: number): void {
  const expiresAt = required(seconds(exp), 'exp');
  required(seconds(iat), 'iat');
  if (now >= expiresAt + TOKEN_EXPIRY_GRACE_SECONDS) {
    throw new StsError(
      'ExpiredTokenException',
      `Token expired: current date/time ${Math.floor(now)} must be before the expiration date/time ${expiresAt}`,
    );
  }
  if (nbf !== undefined && now < required(seconds(nbf), 'nbf') - TOKEN_EXPIRY_GRACE_SECONDS) {
    throw invalidToken('Token is not valid yet', `current date/time ${Math.floor(now)}, nbf ${nbf}`);
  }
}

function seconds(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function required<T>(value: T | undefined, claim: string): T {
  if (value === undefined || value === '') throw invalidToken(`Missing a required claim: ${claim}`);
  return value;
}

function invalidToken(message: string, detail?: string): StsError {
  return new StsError('InvalidIdentityToken', message, detail);
}
