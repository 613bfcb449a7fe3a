import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { TEST_ISSUER, useIssuer } from '../../testing/oidc/issuer.ts';
import type { IssuerEndpoint } from './fetch-answer.ts';
import { fetchIssuerKeys } from './issuer-documents.ts';

const issuer = await useIssuer();
const documents = issuer.answerWith;

function fetchKeys(overrides: Partial<IssuerEndpoint> = {}, limits = { timeoutMs: 5_000, maxBytes: 4_096 }) {
  const { url, ca, connectTo } = issuer;
  return fetchIssuerKeys({ issuer: url, ca, connectTo, ...overrides }, limits);
}

function thumbprint(pem: string): string {
  return new X509Certificate(pem).fingerprint.replaceAll(':', '');
}

test('fetches discovery, then the keys, from an issuer whose name resolves nowhere', async () => {
  assert.deepEqual(await fetchKeys(), issuer.jwks);
  assert.deepEqual(issuer.requests, ['/cluster/.well-known/openid-configuration', '/cluster/openid/v1/jwks']);
});

test("asks by the issuer's name", async () => {
  let host: string | undefined;
  issuer.answerWith = (request, response) => {
    host = request.headers.host;
    documents(request, response);
  };
  await fetchKeys();
  assert.equal(host, 'issuer.test');
});

test('an invalid key does not make the others unusable', async () => {
  const [key] = issuer.jwks.keys;
  issuer.answerWith = discovery({ jwks_uri: `${TEST_ISSUER}/keys` }, { keys: [1, {}, key] });
  assert.deepEqual(await fetchKeys(), { keys: [key] });
});

function reply(status: number, body: unknown, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** A discovery document with other members, and what every other path answers. */
function discovery(members: object, other: unknown = { keys: [] }): RequestListener {
  return (request, response) => {
    const isDiscovery = request.url?.endsWith('openid-configuration');
    response.end(JSON.stringify(isDiscovery ? { issuer: TEST_ISSUER, ...members } : other));
  };
}

/** Begins to answer and never ends, or never begins. */
const stuck: RequestListener = (_request, response) => void response.writeHead(200).write('{');
const silent: RequestListener = () => undefined;

const faults: readonly (readonly [string, RequestListener, string, RegExp])[] = [
  ['status 500', reply(500, {}), 'unreachable', /has status 500/],
  ['status 404', reply(404, {}), 'invalid', /has status 404, not 200/],
  ['a redirect', reply(302, '', { location: `${TEST_ISSUER}/elsewhere` }), 'invalid', /has status 302/],
  ['a document that is not JSON', reply(200, '<html>'), 'invalid', /is not a JSON object/],
  ['JSON that is not an object', reply(200, []), 'invalid', /is not a JSON object/],
  ['a huge document', reply(200, { padding: 'a'.repeat(5_000) }), 'invalid', /is larger than 4096 bytes/],
  [
    'another issuer',
    discovery({ issuer: `${TEST_ISSUER}/` }),
    'invalid',
    /names the issuer "https:\/\/issuer\.test\/cluster\/"/,
  ],
  ['no jwks_uri', discovery({}), 'invalid', /has no jwks_uri/],
  [
    'a jwks_uri without TLS',
    discovery({ jwks_uri: 'http://issuer.test/jwks' }),
    'invalid',
    /jwks_uri that is not https/,
  ],
  [
    'a jwks_uri that is a file',
    discovery({ jwks_uri: 'file:///etc/passwd' }),
    'invalid',
    /jwks_uri that is not https/,
  ],
  [
    'no list of keys',
    discovery({ jwks_uri: `${TEST_ISSUER}/keys` }, {}),
    'invalid',
    /keys: has no list of keys/,
  ],
];
for (const [name, answerWith, kind, message] of faults) {
  test(`an issuer with ${name}`, async () => {
    issuer.answerWith = answerWith;
    await assert.rejects(fetchKeys(), { name: 'IssuerFetchError', kind, message });
  });
}

for (const [name, answerWith] of [
  ['never ends its answer', stuck],
  ['never answers', silent],
] as const) {
  test(`an issuer that ${name}`, async () => {
    issuer.answerWith = answerWith;
    await assert.rejects(fetchKeys({}, { timeoutMs: 100, maxBytes: 4_096 }), {
      kind: 'unreachable',
      message: /no complete answer within 100 ms/,
    });
  });
}

test('an issuer that is not there', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  server.close();
  await once(server, 'close');
  await assert.rejects(fetchKeys({ connectTo: { host: '127.0.0.1', port } }), {
    kind: 'unreachable',
    message: /refuses connections/,
  });
});

test('a certificate of another CA is not trusted', async () => {
  const { cert } = await createAuthority('another authority');
  await assert.rejects(fetchKeys({ ca: cert }), { kind: 'certificate' });
  const { ca: _own, ...withoutCa } = { issuer: issuer.url, ca: issuer.ca, connectTo: issuer.connectTo };
  await assert.rejects(fetchIssuerKeys(withoutCa), { kind: 'certificate' });
  assert.deepEqual(issuer.requests, []);
});

test('a certificate for another name is not trusted', async () => {
  await assert.rejects(fetchKeys({ issuer: 'https://other.test/cluster' }), {
    kind: 'certificate',
    message: /altnames/,
  });
});

test('a thumbprint may be that of any certificate in the chain', async () => {
  for (const pem of [issuer.certificate, issuer.ca]) {
    assert.deepEqual(await fetchKeys({ thumbprints: ['0'.repeat(40), thumbprint(pem)] }), issuer.jwks);
  }
  await assert.rejects(fetchKeys({ thumbprints: ['0'.repeat(40)] }), {
    kind: 'certificate',
    message: /thumbprint/,
  });
});
