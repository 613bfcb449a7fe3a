import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { exportJWK, generateKeyPair } from 'jose';
import { drain, listen } from '../../../lib/http/serve.ts';
import { createAuthority, type KeyPair } from '../../../testing/certificates/certificates.ts';
import { AWS_ROLE, judgeIssuerLinks, providerWith } from '../../../testing/doctor/issuer-cases.ts';
import { factsWithIssuer } from '../../../testing/doctor/issuer-facts.ts';
import { TEST_ISSUER, useIssuer } from '../../../testing/oidc/issuer.ts';
import { collectIssuer } from '../../collect/issuer/collect-issuer.ts';
import type { FindingCode } from '../../explanations/finding-code.ts';

const issuer = await useIssuer();
const documents = issuer.answerWith;
const [signingKey] = issuer.jwks.keys;
const { privateKey } = await generateKeyPair('RS256', { extractable: true });
const privateJwk = { ...(await exportJWK(privateKey)), kid: 'key-1', alg: 'RS256', use: 'sig' };
const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...otherKey } = privateJwk;

interface World {
  readonly answerWith?: RequestListener;
  readonly connectTo?: { readonly host: string; readonly port: number };
  readonly issuer?: string;
  readonly thumbprint?: string;
}

/** Returns link and code of the first broken link, in a world that was collected for real. */
async function firstBroken({ answerWith, connectTo, thumbprint, ...world }: World): Promise<string> {
  if (answerWith) issuer.answerWith = answerWith;
  const url = world.issuer ?? TEST_ISSUER;
  const collected = await collectIssuer({
    issuer: url,
    connectTo: connectTo ?? issuer.connectTo,
    env: {},
    signal: new AbortController().signal,
    resolve: async () => ['93.184.216.34'],
  });
  const facts = factsWithIssuer({
    grant: AWS_ROLE,
    collectedAt: new Date().toISOString(),
    issuer: { url },
    aws: { provider: providerWith([thumbprint ?? sha1Of(issuer.ca)]) },
  });
  const broken = judgeIssuerLinks({ ...facts, issuer: collected }).find(
    ({ state }) => state === 'broken' || state === 'unknown',
  );
  return broken ? `${broken.link} ${broken.code ?? broken.found}` : 'healthy';
}

function sha1Of(pem: string): string {
  return new X509Certificate(pem).fingerprint.replaceAll(':', '').toLowerCase();
}

const always =
  (status: number, headers: Record<string, string> = {}, body: string | Buffer = ''): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);

/** The usual answers, but for one of the two documents. */
const replaced =
  (end: 'openid-configuration' | 'jwks', answer: RequestListener): RequestListener =>
  (request, response) =>
    (request.url?.endsWith(end) ? answer : documents)(request, response);
const discovery = (members: object) => {
  const json = { issuer: TEST_ISSUER, jwks_uri: `${TEST_ISSUER}/openid/v1/jwks`, ...members };
  return replaced('openid-configuration', always(200, {}, JSON.stringify(json)));
};
const keySet = (...keys: readonly unknown[]) => replaced('jwks', always(200, {}, JSON.stringify({ keys })));

const worlds: readonly (readonly [string, World, 'healthy' | `${string} ${FindingCode}`])[] = [
  ['a healthy issuer', {}, 'healthy'],
  ['a login', { answerWith: always(401, { 'www-authenticate': 'Basic' }) }, 'discovery DISCOVERY_NOT_PUBLIC'],
  ['a private bucket', { answerWith: always(403, {}, '<Error/>') }, 'discovery DISCOVERY_NOT_PUBLIC'],
  ['nothing', { answerWith: always(404) }, 'discovery DISCOVERY_MISSING'],
  ['a redirect', { answerWith: always(302, { location: TEST_ISSUER }) }, 'discovery DISCOVERY_REDIRECTS'],
  ['an error', { answerWith: always(502) }, 'discovery DISCOVERY_STATUS'],
  [
    'a page',
    { answerWith: always(200, { 'content-type': 'text/html' }, '<html>') },
    'discovery DISCOVERY_NOT_JSON',
  ],
  ['an array', { answerWith: always(200, {}, '[]') }, 'discovery DISCOVERY_NOT_JSON'],
  [
    'gzip',
    { answerWith: always(200, { 'content-encoding': 'gzip' }, gzipSync('{}')) },
    'discovery DISCOVERY_NOT_JSON',
  ],
  ['two megabytes', { answerWith: always(200, {}, ' '.repeat(2_000_000)) }, 'discovery DISCOVERY_TOO_LARGE'],
  [
    'a slash too many',
    { answerWith: discovery({ issuer: `${TEST_ISSUER}/` }) },
    'discovery DISCOVERY_WRONG_ISSUER',
  ],
  [
    'a jwks_uri of http',
    { answerWith: discovery({ jwks_uri: 'http://issuer.test/k' }) },
    'discovery DISCOVERY_JWKS_URI_INVALID',
  ],
  [
    'a jwks_uri of a node',
    { answerWith: discovery({ jwks_uri: 'https://127.0.0.1:1/k' }) },
    'discovery DISCOVERY_JWKS_URI_PRIVATE',
  ],
  [
    'a jwks_uri for metadata',
    { answerWith: discovery({ jwks_uri: 'https://169.254.169.254/k' }) },
    'discovery DISCOVERY_JWKS_URI_PRIVATE',
  ],
  ['no key set', { answerWith: replaced('jwks', always(404)) }, 'keys KEYS_MISSING'],
  [
    'a bare key',
    { answerWith: replaced('jwks', always(200, {}, JSON.stringify(signingKey))) },
    'keys KEYS_NOT_A_KEY_SET',
  ],
  ['an empty key set', { answerWith: keySet() }, 'keys KEYS_NOT_A_KEY_SET'],
  ['a foreign key', { answerWith: keySet({ ...otherKey, kid: 'key-2' }) }, 'keys KEY_ROTATED_AWAY'],
  ['a kid twice', { answerWith: keySet(signingKey, otherKey) }, 'keys KEY_DUPLICATE_ID'],
  ['a private key', { answerWith: keySet(privateJwk) }, 'keys KEY_PRIVATE'],
  [
    'a bare private key',
    { answerWith: replaced('jwks', always(200, {}, JSON.stringify(privateJwk))) },
    'keys KEY_PRIVATE',
  ],
  ['a key for encryption', { answerWith: keySet({ ...signingKey, use: 'enc' }) }, 'keys KEY_UNUSABLE'],
  [
    'a key of another algorithm',
    { answerWith: keySet({ ...signingKey, alg: 'ES256' }) },
    'keys KEY_UNUSABLE',
  ],
  ['a weak exponent', { answerWith: keySet({ ...signingKey, e: 'AQ' }) }, 'keys KEY_UNUSABLE'],
  [
    '101 keys',
    {
      answerWith: keySet(
        signingKey,
        ...Array.from({ length: 100 }, (_, at) => ({ ...signingKey, kid: `k${at}` })),
      ),
    },
    'keys KEYS_TOO_MANY',
  ],
  ['a wrong thumbprint', { thumbprint: 'b'.repeat(40) }, 'certificate CERTIFICATE_THUMBPRINT'],
  [
    'the default of kubeadm',
    { issuer: 'https://kubernetes.default.svc.cluster.local' },
    'issuer ISSUER_IN_CLUSTER',
  ],
];
for (const [name, world, expected] of worlds) {
  test(`${name}: ${expected}`, async () => assert.equal(await firstBroken(world), expected));
}

const authority = await createAuthority('corporate');
const DAY_MS = 86_400_000;
const day = (days: number) => new Date(Date.now() + days * DAY_MS);
const certificates: readonly (readonly [string, KeyPair, string])[] = [
  ['another host', await authority.issue(['other.test']), 'certificate CERTIFICATE_WRONG_NAME'],
  [
    'yesterday',
    await authority.issue(['issuer.test'], { notBeforeDate: day(-9), notAfterDate: day(-1) }),
    'certificate CERTIFICATE_EXPIRED',
  ],
  [
    'tomorrow',
    await authority.issue(['issuer.test'], { notBeforeDate: day(1), notAfterDate: day(9) }),
    'certificate CERTIFICATE_EXPIRED',
  ],
  ['a CA that is not served', await authority.issue(['issuer.test']), 'certificate CERTIFICATE_INCOMPLETE'],
];
for (const [name, { key, cert }, expected] of certificates) {
  test(`a certificate of ${name}: ${expected}`, async () => {
    const server = createServer({ key, cert }, documents);
    const port = await listen(server, 0, '127.0.0.1');
    try {
      assert.equal(await firstBroken({ connectTo: { host: '127.0.0.1', port } }), expected);
    } finally {
      await drain(server, 0);
    }
  });
}

test('a CA that is not served is healthy if the thumbprint is that of the leaf', async () => {
  const { key, cert } = await authority.issue(['issuer.test']);
  const server = createServer({ key, cert }, documents);
  const port = await listen(server, 0, '127.0.0.1');
  try {
    assert.equal(
      await firstBroken({ connectTo: { host: '127.0.0.1', port }, thumbprint: sha1Of(cert) }),
      'healthy',
    );
  } finally {
    await drain(server, 0);
  }
});
