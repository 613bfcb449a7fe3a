import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { exportJWK, generateKeyPair } from 'jose';
import { TEST_ISSUER, useIssuer } from '../../../testing/oidc/issuer.ts';
import { useForwardProxy } from '../../../testing/proxies/forward-proxy.ts';
import { type IssuerFacts, issuerFactsSchema } from '../../facts/issuer-facts.ts';
import type { Reading } from '../../facts/reading.ts';
import { collectIssuer, type IssuerQuestion } from './collect-issuer.ts';

const issuer = await useIssuer();
const documents = issuer.answerWith;
const proxy = await useForwardProxy();
const JSON_TYPE = { 'content-type': 'application/json' };

async function collect(overrides: Partial<IssuerQuestion> = {}): Promise<IssuerFacts> {
  const facts = await collectIssuer({
    issuer: issuer.url,
    connectTo: issuer.connectTo,
    ca: issuer.ca,
    env: {},
    signal: new AbortController().signal,
    resolve: async () => ['93.184.216.34'],
    publicAuthorities: async () => [],
    ...overrides,
  });
  assert.deepEqual(issuerFactsSchema.parse(JSON.parse(JSON.stringify(facts))), facts, 'facts are plain JSON');
  return facts;
}

function readOf<Value>(reading: Reading<Value>): Value {
  assert.equal(reading.state, 'read');
  return reading.value;
}

/** The answers of the issuer, with another key set. */
function withKeySet(body: unknown, headers: Record<string, string> = JSON_TYPE): RequestListener {
  return (request, response) => {
    if (request.url?.endsWith('openid-configuration')) documents(request, response);
    else response.writeHead(200, headers).end(body instanceof Buffer ? body : JSON.stringify(body));
  };
}

/** Every path answers with the same document. */
function withDiscovery(members: object): RequestListener {
  return (_request, response) =>
    response.writeHead(200, JSON_TYPE).end(JSON.stringify({ issuer: TEST_ISSUER, ...members }));
}

test('reads both documents, the keys and the served chain', async () => {
  const facts = await collect();
  assert.partialDeepStrictEqual(readOf(facts.discovery), {
    status: 200,
    contentType: 'application/json',
    json: { issuer: issuer.url, jwks_uri: `${issuer.url}/openid/v1/jwks` },
    tooLarge: false,
  });
  assert.deepEqual(facts.keys, [{ kid: 'key-1', kty: 'RSA', thumbprints: [] }]);
  assert.deepEqual(facts.privateMembers, {});
  const chain = readOf(facts.chain);
  assert.deepEqual(
    chain.certificates.map(({ thumbprint, isCa, names }) => ({ thumbprint, isCa, names })),
    [
      { thumbprint: thumbprint(issuer.certificate), isCa: false, names: ['issuer.test'] },
      { thumbprint: thumbprint(issuer.ca), isCa: true, names: [] },
    ],
  );
  assert.deepEqual([chain.isPublic, chain.isForHost, chain.problem], [false, true, undefined]);
  assert.equal(facts.addresses.state, 'not asked');
});

function thumbprint(pem: string): string {
  return new X509Certificate(pem).fingerprint.replaceAll(':', '').toLowerCase();
}

test('reads the documents of an issuer whose CA is not trusted, and says so of its chain', async () => {
  const facts = await collect({ ca: undefined });
  assert.equal(facts.keys?.length, 1);
  assert.equal(readOf(facts.chain).problemCode, 'SELF_SIGNED_CERT_IN_CHAIN');
});

test('a chain is public if the public CAs alone verify it', async () => {
  assert.equal(readOf((await collect({ publicAuthorities: async () => [issuer.ca] })).chain).isPublic, true);
});

test('a certificate for another name is seen', async () => {
  const chain = readOf((await collect({ issuer: 'https://other.test/cluster' })).chain);
  assert.deepEqual([chain.isForHost, chain.problemCode], [false, 'ERR_TLS_CERT_ALTNAME_INVALID']);
});

test('a redirect is reported and not followed', async () => {
  issuer.answerWith = (_request, response) =>
    response.writeHead(302, { location: `${TEST_ISSUER}/elsewhere` }).end();
  const facts = await collect();
  assert.partialDeepStrictEqual(readOf(facts.discovery), {
    status: 302,
    location: `${TEST_ISSUER}/elsewhere`,
  });
  assert.deepEqual(issuer.requests, ['/cluster/.well-known/openid-configuration']);
  assert.equal(facts.keySet.state, 'not asked');
});

test('a body that never ends is cut', async () => {
  issuer.answerWith = (_request, response) => {
    const more = () => {
      while (response.write(' '.repeat(65_536)));
    };
    response.on('drain', more);
    more();
  };
  assert.partialDeepStrictEqual(readOf((await collect()).discovery), { status: 200, tooLarge: true });
});

test('a compressed body is not decompressed', async () => {
  const bomb = gzipSync(Buffer.alloc(20_000_000, ' '));
  issuer.answerWith = withKeySet(bomb, { ...JSON_TYPE, 'content-encoding': 'gzip' });
  const facts = await collect();
  assert.partialDeepStrictEqual(readOf(facts.keySet), { contentEncoding: 'gzip', tooLarge: false });
  assert.equal(facts.keys, undefined);
});

test('of ten thousand keys, the first thousand are judged', async () => {
  issuer.answerWith = withKeySet({
    keys: Array.from({ length: 10_000 }, (_, at) => ({ kty: 'RSA', kid: `k${at}` })),
  });
  const { keys } = await collect();
  assert.equal(keys?.length, 1_000);
  assert.match(keys?.[0]?.problem ?? '', /is not an RSA/);
});

test('entries that are not keys do not hide the others', async () => {
  issuer.answerWith = withKeySet({ keys: [1, null, {}, { kty: 7 }, ...issuer.jwks.keys] });
  const { keys } = await collect();
  assert.deepEqual(
    keys?.map(({ problem }) => problem === undefined),
    [false, false, false, false, true],
  );
});

test('of a private key, only the names of its members are kept', async () => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const secret = { ...(await exportJWK(privateKey)), kid: '__proto__' };
  issuer.answerWith = withKeySet({ keys: [secret, { kty: 'oct', k: 'shared-secret' }], ...secret });
  const facts = await collect();
  assert.deepEqual(Object.entries(facts.privateMembers), [
    ['keys[0]', ['d', 'p', 'q', 'dp', 'dq', 'qi']],
    ['keys[1]', ['k']],
    ['the document itself', ['d', 'p', 'q', 'dp', 'dq', 'qi']],
  ]);
  const text = JSON.stringify(facts);
  for (const value of [secret.d, secret.p, secret.q, secret.dp, secret.dq, secret.qi, 'shared-secret']) {
    assert.ok(value && !text.includes(value));
  }
});

test('a private key is found behind them, and not each of many is named', async () => {
  issuer.answerWith = withKeySet({
    keys: [...Array(2_000).fill({}), ...Array(500).fill({ kty: 'EC', d: 'x' })],
  });
  const { privateMembers } = await collect();
  assert.equal(Object.keys(privateMembers).length, 100);
  assert.deepEqual(privateMembers['keys[2000]'], ['d']);
});

test('members of a discovery document that nobody reads are not kept', async () => {
  issuer.answerWith = withDiscovery({ d: 'secret', jwks_uri: 'http://issuer.test/keys' });
  const facts = await collect();
  assert.doesNotMatch(JSON.stringify(facts), /secret/);
  assert.deepEqual(facts.keySet, { state: 'not asked', why: 'jwks_uri is not an https URL' });
});

const unaskedKeySets: readonly (readonly [string, unknown, RegExp])[] = [
  ['no jwks_uri', undefined, /no jwks_uri/],
  ['a jwks_uri that is a number', 7, /no jwks_uri/],
  ['a jwks_uri that is a file', 'file:///etc/passwd', /not an https URL/],
  ['a jwks_uri with a password', 'https://user:word@issuer.test/keys', /user name or a password/],
  ['a jwks_uri at the metadata address', 'https://169.254.169.254/keys', /metadata address/],
  ['a jwks_uri at the metadata address in IPv6', 'https://[fd00:ec2::254]/keys', /metadata address/],
  ['a jwks_uri at a mapped metadata address', 'https://[::ffff:169.254.169.254]/keys', /metadata address/],
  ['a jwks_uri at loopback', 'https://127.0.0.1:6443/keys', /leads to this machine/],
  ['a jwks_uri at loopback in IPv6', 'https://[::1]/keys', /leads to this machine/],
  ['a jwks_uri at the unspecified address', 'https://0.0.0.0/keys', /leads to this machine/],
  ['a jwks_uri whose name is a metadata address', 'https://keys.test/keys', /metadata address/],
];
for (const [name, jwksUri, why] of unaskedKeySets) {
  test(`nothing is asked for ${name}`, async () => {
    issuer.answerWith = withDiscovery({ jwks_uri: jwksUri });
    const { keySet } = await collect({ resolve: async () => ['93.184.216.34', '169.254.170.2'] });
    assert.match(keySet.state === 'not asked' ? keySet.why : keySet.state, why);
    assert.equal(issuer.requests.length, 1);
  });
}

for (const [name, url] of [
  ['without TLS', 'http://issuer.test'],
  ['that is not a URL', 'kubernetes/serviceaccount'],
  ['with a password', 'https://user:word@issuer.test'],
  ['at the metadata address', 'https://169.254.169.254'],
] as const) {
  test(`an issuer ${name} is not asked`, async () => {
    const facts = await collectIssuer({ issuer: url, env: {}, signal: new AbortController().signal });
    assert.equal(facts.discovery.state, 'not asked');
    assert.equal(facts.chain.state, 'not asked');
  });
}

test('failures are told apart', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  server.close();
  await once(server, 'close');
  const closed = await collect({ connectTo: { host: '127.0.0.1', port } });
  assert.partialDeepStrictEqual(readOf(closed.discovery), { reason: 'refused' });
  assert.equal(closed.chain.state, 'failed');
  issuer.answerWith = () => undefined;
  const silent = await collect({ signal: AbortSignal.timeout(300) });
  assert.partialDeepStrictEqual(readOf(silent.discovery), { reason: 'timeout' });
});

test('a proxy that refuses is the reason, and the address is not known here', async () => {
  proxy.conduct = 403;
  const facts = await collectIssuer({
    issuer: issuer.url,
    env: { HTTPS_PROXY: proxy.url },
    signal: new AbortController().signal,
    resolve: async () => Promise.reject(new Error('no such name')),
  });
  assert.equal(facts.isProxied, true);
  assert.partialDeepStrictEqual(readOf(facts.discovery), { reason: 'proxy' });
  assert.deepEqual(facts.addresses, { state: 'failed', said: 'no such name' });
});

test('a proxy variable that is not a URL is a failure, not an exception', async () => {
  const facts = await collectIssuer({
    issuer: issuer.url,
    env: { HTTPS_PROXY: 'ftp://proxy.test' },
    signal: new AbortController().signal,
    resolve: async () => [],
  });
  assert.partialDeepStrictEqual(readOf(facts.discovery), { reason: 'other' });
});
