import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import { apiPath } from '../../../../kubernetes/api-path.ts';
import { TOKEN_EXPIRATION_SECONDS } from '../../../../lib/contract/aws-webhook.ts';
import { asObject, asText } from '../../../../lib/json/json.ts';
import type { TokenFacts } from '../../../facts/cluster-facts.ts';
import type { Reading } from '../../../facts/reading.ts';
import { SecretToken } from '../secret-token.ts';
import { attempt, type ClusterAccess, readingOf } from './read-cluster.ts';

export interface TokenOptions {
  readonly namespace: string;
  readonly serviceAccountName: string;
  readonly audience: string;
}

/**
 * Requests a token as kubelet does for a pod, with the shortest lifetime. It is bound to no pod, and expires
 * by itself.
 */
export function requestToken(
  { client, limits }: ClusterAccess,
  { namespace, serviceAccountName, audience }: TokenOptions,
): Promise<Reading<SecretToken>> {
  const path = apiPath('/api/v1', 'namespaces', namespace, 'serviceaccounts', serviceAccountName, 'token');
  const spec = { audiences: [audience], expirationSeconds: TOKEN_EXPIRATION_SECONDS.min };
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  const needs = `create on serviceaccounts/token in the namespace ${namespace}`;
  return attempt(limits, async () => {
    const answer = await client.send({ method: 'POST', path, body }, limits);
    return readingOf(answer, needs, (made) => {
      const token = asText(asObject(made['status'])?.['token']);
      return token === undefined ? undefined : new SecretToken(token);
    });
  });
}

/** Returns the header and the claims of a token, without its signature. */
export function narrowToken(secret: SecretToken): Reading<TokenFacts> {
  const token = secret.reveal();
  try {
    const { alg = '', kid } = decodeProtectedHeader(token);
    const claims = decodeJwt(token);
    const value: TokenFacts = {
      header: { alg, ...(kid !== undefined && { kid }) },
      issuer: claims.iss ?? '',
      subject: claims.sub ?? '',
      audiences: audiencesOf(claims),
      issuedAt: timeOf(claims.iat),
      expiresAt: timeOf(claims.exp),
      length: token.length,
    };
    return { state: 'read', value };
  } catch {
    return { state: 'failed', said: 'the answer to the TokenRequest is not a JWT' };
  }
}

function audiencesOf({ aud = [] }: JWTPayload): readonly string[] {
  return typeof aud === 'string' ? [aud] : aud;
}

function timeOf(seconds: number | undefined): string {
  return typeof seconds === 'number' && Math.abs(seconds) < 1e11
    ? new Date(seconds * 1_000).toISOString()
    : '';
}
