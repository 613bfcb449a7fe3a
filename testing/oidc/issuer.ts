import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { after, beforeEach } from 'node:test';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { drain, listen } from '../../lib/http/serve.ts';
import { createAuthority } from '../certificates/certificates.ts';

/** An issuer that is served over https on loopback; its name has no port and does not resolve. */
export interface TestIssuer {
  readonly url: string;
  /** For `connectTo` of a provider. */
  readonly connectTo: { readonly host: string; readonly port: number };
  /** The authority that signed its certificate, PEM. */
  readonly ca: string;
  /** Its serving certificate, PEM. */
  readonly certificate: string;
  readonly jwks: { readonly keys: readonly object[] };
  /** Public key in PEM, PKIX. */
  readonly publicKey: string;
  /** Requested paths, in order. */
  readonly requests: string[];
  /** Answers every request; default: with the two documents. */
  answerWith: RequestListener;
  /** Mints a token as the API server does; a claim that is undefined is left out. */
  readonly sign: (claims?: Record<string, unknown>, kid?: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

export const TEST_ISSUER = 'https://issuer.test/cluster';
const KID = 'key-1';

export async function startIssuer(url = TEST_ISSUER): Promise<TestIssuer> {
  const { host, pathname } = new URL(url);
  const authority = await createAuthority('issuer authority');
  const { key, cert } = await authority.issue([host]);
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: KID, alg: 'RS256', use: 'sig' }] };
  const documents: Readonly<Record<string, object>> = {
    [`${pathname}/.well-known/openid-configuration`]: { issuer: url, jwks_uri: `${url}/openid/v1/jwks` },
    [`${pathname}/openid/v1/jwks`]: jwks,
  };
  const requests: string[] = [];
  const server = createServer({ key, cert: `${cert}\n${authority.cert}` }, (request, response) => {
    requests.push(String(request.url));
    issuer.answerWith(request, response);
  });
  const issuer: TestIssuer = {
    url,
    connectTo: { host: '127.0.0.1', port: 0 },
    ca: authority.cert,
    certificate: cert,
    jwks,
    publicKey: await exportSPKI(publicKey),
    requests,
    answerWith: (request, response) => {
      const document = documents[String(request.url)];
      response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(document ?? {}));
    },
    sign: (claims = {}, kid = KID) => {
      const now = Math.floor(Date.now() / 1_000);
      const payload: JWTPayload = {
        iss: url,
        sub: 'system:serviceaccount:shop:web',
        aud: ['sts.amazonaws.com'],
        iat: now,
        nbf: now,
        exp: now + 3_600,
        ...claims,
      };
      return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
    },
    close: () => drain(server, 0),
  };
  const port = await listen(server, 0, '127.0.0.1');
  return Object.assign(issuer, { connectTo: { host: '127.0.0.1', port } });
}

/**
 * Starts an issuer for a test file. Each test begins with its usual answers and an empty list of requests.
 */
export async function useIssuer(): Promise<TestIssuer> {
  const issuer = await startIssuer();
  const { answerWith } = issuer;
  beforeEach(() => {
    issuer.answerWith = answerWith;
    issuer.requests.length = 0;
  });
  after(() => issuer.close());
  return issuer;
}
