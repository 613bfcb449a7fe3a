import { errors, type JWTPayload, jwtVerify } from 'jose';
import { TOKEN_ALGORITHMS } from '../../lib/contract/iam.ts';
import { PodroleError } from '../../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { type AgentToken, tokenRefused } from './agent-token.ts';
import type { ClusterKeys } from './cluster-keys.ts';

/** Difference of the clocks of the API server and of this node that is allowed. */
const LEEWAY_SECONDS = 60;

/** Stricter than decoders, which ignore white space and padding. A token has neither. RFC 7515, section 2 */
const THREE_PARTS = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Tokens of the API server have one or two thousand characters; STS takes no longer ones than this. */
const MAX_LENGTH = 20_000;

/**
 * Verifies that the cluster has signed a token for a pod, and returns its claims. Keys or addresses of keys
 * in the token are ignored.
 * @throws PodroleError `AGENT_TOKEN_REFUSED`, or the reason why the keys of the cluster cannot be read
 */
export async function parseAgentToken(token: string, keys: ClusterKeys, now: Date): Promise<AgentToken> {
  if (token.length > MAX_LENGTH) throw tokenRefused(`has more than ${MAX_LENGTH} characters`);
  if (!THREE_PARTS.test(token)) throw tokenRefused('is not a JWT');
  const claims = await verifiedClaims(token, keys, now);
  const { iss = '', exp = 0 } = claims;
  if (!(await keys.isIssuer(iss))) throw tokenRefused('has another issuer than this cluster');
  return { ...namesIn(claims), audience: audienceOf(claims), expiresAtMs: exp * 1_000 };
}

async function verifiedClaims(token: string, keys: ClusterKeys, now: Date): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys.find, {
      algorithms: [...TOKEN_ALGORITHMS],
      clockTolerance: LEEWAY_SECONDS,
      currentDate: now,
      requiredClaims: ['iss', 'exp'],
    });
    return payload;
  } catch (thrown) {
    throw thrown instanceof PodroleError ? thrown : tokenRefused(problemOf(thrown), { cause: thrown });
  }
}

/** Returns the reason of jose in words of its own: jose's message may repeat a part of the token. */
function problemOf(thrown: unknown): string {
  if (thrown instanceof errors.JWTExpired) return 'has expired';
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    return thrown.claim === 'nbf' ? 'is not valid yet' : 'lacks a claim or has a wrong one';
  }
  if (thrown instanceof errors.JOSEAlgNotAllowed) return 'is signed by an algorithm that is not allowed';
  if (thrown instanceof errors.JWSInvalid || thrown instanceof errors.JWTInvalid) return 'is not a JWT';
  return 'is not signed by a key of this cluster';
}

/** Claims of a token that is bound to a pod. [k8s] "Managing Service Accounts", bound tokens */
function namesIn(claims: JWTPayload): Omit<AgentToken, 'audience' | 'expiresAtMs'> {
  const ofCluster = asObject(claims['kubernetes.io']);
  const pod = asObject(ofCluster?.['pod']);
  return {
    namespace: required(ofCluster, 'namespace'),
    podName: required(pod, 'name'),
    podUid: required(pod, 'uid'),
    serviceAccountName: required(asObject(ofCluster?.['serviceaccount']), 'name'),
  };
}

function required(claims: JsonObject | undefined, name: string): string {
  const value = asText(claims?.[name]);
  if (!value) throw tokenRefused('does not belong to a pod');
  return value;
}

/** A projected token has exactly one audience. */
function audienceOf({ aud }: JWTPayload): string {
  const [audience, ...more] = asArray(aud) ?? [aud];
  if (typeof audience === 'string' && more.length === 0) return audience;
  throw tokenRefused('does not have exactly one audience');
}
