import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { asArray, asObject, asText } from '../../lib/json/json.ts';
import type { ApiRoute } from './fake-api-server.ts';

/** A key pair for service account tokens. */
export interface TokenKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** PKIX */
  readonly pem: string;
}

/** @param kidOf how the cluster names a key */
export function makeTokenKey(kidOf: (key: KeyObject) => string): TokenKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { kid: kidOf(publicKey), privateKey, publicKey, pem };
}

interface WantedToken {
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
  readonly now: Date;
}

/** Signs a token of the ServiceAccount default/default. */
export function mintToken({ kid, privateKey }: TokenKey, wanted: WantedToken): Promise<string> {
  const iat = Math.floor(wanted.now.getTime() / 1_000);
  const sub = 'system:serviceaccount:default:default';
  const exp = iat + wanted.lifetimeSeconds;
  return new SignJWT({ iss: wanted.issuer, sub, aud: [wanted.audience], iat, exp })
    .setProtectedHeader({ alg: 'ES256', kid })
    .sign(privateKey);
}

export const TOKEN_REQUEST_PATH = '/api/v1/namespaces/default/serviceaccounts/default/token';

/** Serves the TokenRequests of the ServiceAccount default/default. */
export function tokenRequestsRoute(
  mint: (lifetimeSeconds: number, audience: string) => Promise<string>,
): ApiRoute {
  return async ({ pathname, body }) => {
    if (pathname !== TOKEN_REQUEST_PATH) return undefined;
    const spec = asObject(asObject(body)?.['spec']);
    const audience = asText(asArray(spec?.['audiences'])?.[0]) ?? '';
    const token = await mint(Number(spec?.['expirationSeconds']), audience);
    return { status: 201, body: { ...asObject(body), status: { token } } };
  };
}
