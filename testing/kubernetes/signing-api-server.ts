import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { exportJWK, SignJWT } from 'jose';
import { drain, listen } from '../../lib/http/serve.ts';

/** A key pair for service account tokens. */
export interface TokenKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** PKIX */
  readonly pem: string;
}

export interface SigningApiServer {
  readonly url: string;
  /** Keys of its key set. */
  verifiesWith: readonly TokenKey[];
  signsWith: TokenKey;
  /** Addresses in the EndpointSlice of default/kubernetes; undefined: it knows of no such API. */
  endpoints: readonly { readonly address: string; readonly port: number }[] | undefined;
  /** What it answers in place of a token; undefined: a token. */
  refusal: { readonly status: number; readonly message: string } | undefined;
  /** Every TokenRequest that was sent to it. */
  readonly tokenRequests: unknown[];
  /** Every token that it minted for others, as kubelet would ask for them. */
  mint(lifetimeSeconds: number, audience: string): Promise<string>;
  stop(): Promise<void>;
}

/** @param kidOf how the cluster names a key */
export function makeTokenKey(kidOf: (key: KeyObject) => string): TokenKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { kid: kidOf(publicKey), privateKey, publicKey, pem };
}

/** What `podrole keys rotate` asks of an API server, and no more; its clock is the caller's. */
export async function startSigningApiServer(
  issuer: string,
  key: TokenKey,
  now: () => Date,
): Promise<SigningApiServer> {
  const routes: Readonly<Record<string, () => Promise<unknown> | unknown>> = {
    '/.well-known/openid-configuration': () => ({ issuer, jwks_uri: `${issuer}/openid/v1/jwks` }),
    '/openid/v1/jwks': async () => ({
      keys: await Promise.all(
        peer.verifiesWith.map(async ({ publicKey, kid }) => ({
          ...(await exportJWK(publicKey)),
          kid,
          alg: 'ES256',
          use: 'sig',
        })),
      ),
    }),
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices': () =>
      peer.endpoints && {
        items: peer.endpoints.map(({ address, port }) => ({
          endpoints: [{ addresses: [address] }],
          ports: [{ name: 'https', port }],
        })),
      },
    '/apis/authentication.k8s.io/v1/selfsubjectreviews': () => ({
      status: { userInfo: { username: 'kubernetes-admin' } },
    }),
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://peer');
    const answer = (status: number, body: unknown) => {
      response.statusCode = status;
      response.end(JSON.stringify(body));
    };
    if (pathname === '/api/v1/namespaces/default/serviceaccounts/default/token') {
      const body = (await json(request)) as { spec: { audiences: string[]; expirationSeconds: number } };
      peer.tokenRequests.push(body);
      if (peer.refusal) return answer(peer.refusal.status, { kind: 'Status', message: peer.refusal.message });
      const token = await peer.mint(body.spec.expirationSeconds, body.spec.audiences[0] ?? '');
      return answer(201, { ...body, status: { token } });
    }
    const found = await routes[pathname]?.();
    answer(found ? 200 : 404, found ?? { kind: 'Status', message: 'not found' });
  });
  const peer: SigningApiServer = {
    url: `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`,
    verifiesWith: [key],
    signsWith: key,
    endpoints: undefined,
    refusal: undefined,
    tokenRequests: [],
    mint: (lifetimeSeconds, audience) => {
      const iat = Math.floor(now().getTime() / 1_000);
      const { kid, privateKey } = peer.signsWith;
      const claims = { iss: issuer, sub: 'system:serviceaccount:default:default', aud: [audience] };
      return new SignJWT({ ...claims, iat, exp: iat + lifetimeSeconds })
        .setProtectedHeader({ alg: 'ES256', kid })
        .sign(privateKey);
    },
    stop: () => drain(server, 0),
  };
  return peer;
}
