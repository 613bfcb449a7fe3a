import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { type TestContext, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { systemClock } from '../../lib/clock.ts';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { bundledAuthorities } from '../../lib/tls/authorities.ts';
import { TEST_ISSUER, type TestIssuer, useIssuer } from '../../testing/oidc/issuer.ts';
import { useForwardProxy } from '../../testing/proxies/forward-proxy.ts';
import type { IssuerEndpoint } from './fetch-answer.ts';
import { type Check, type Verification, verifyPublication } from './verify-publication.ts';

const issuer = await useIssuer();
const documents = issuer.answerWith;
const proxy = await useForwardProxy();
proxy.routes.set('issuer.test', issuer.connectTo.port);

function verify(overrides: Partial<Verification> = {}): Promise<readonly Check[]> {
  const { url, ca, connectTo } = issuer;
  return verifyPublication({
    endpoint: { issuer: url, ca, connectTo },
    expected: { jwks: { keys: keysOf(issuer) } },
    timeoutMs: 0,
    clock: systemClock,
    resolve: async () => ['93.184.216.34'],
    thumbprint: async () => 'ab12',
    publicAuthorities: async () => [ca],
    signal: new AbortController().signal,
    ...overrides,
  });
}

function keysOf({ jwks }: TestIssuer): readonly JsonObject[] {
  return (asArray(jwks.keys) ?? []).map((key) => asObject(key) ?? {});
}

/** `name outcome` of each check. */
async function verdict(overrides: Partial<Verification> = {}): Promise<readonly string[]> {
  return (await verify(overrides)).map(({ name, outcome }) => `${name} ${outcome}`);
}

const GOOD = ['discovery ok', 'keys ok', 'certificate note'];

test('finds what was published, and prints the thumbprint for a CA of your own', async () => {
  assert.deepEqual(await verdict(), GOOD);
  assert.match((await verify()).at(-1)?.finding ?? '', /thumbprint.*ab12/);
});

test('the order of the keys and of their members does not matter', async () => {
  const reordered = keysOf(issuer).map((key) => Object.fromEntries(Object.entries(key).toReversed()));
  assert.deepEqual(await verdict({ expected: { jwks: { keys: reordered } } }), GOOD);
});

function answering(status: number, body: unknown, contentType = 'application/json'): RequestListener {
  return (_request, response) =>
    response.writeHead(status, { 'content-type': contentType }).end(JSON.stringify(body));
}

const failures: readonly (readonly [string, RequestListener, string, RegExp])[] = [
  ['a missing document', answering(404, {}), 'discovery failed', /has status 404/],
  ['a redirect', answering(302, {}), 'discovery failed', /has status 302/],
  ['another issuer', answering(200, { issuer: `${TEST_ISSUER}/` }), 'discovery failed', /names the issuer/],
  [
    'keys without TLS',
    answering(200, { issuer: TEST_ISSUER, jwks_uri: 'http://issuer.test/jwks' }),
    'discovery failed',
    /not https/,
  ],
];
for (const [name, answerWith, expected, message] of failures) {
  test(`fails for ${name}`, async () => {
    issuer.answerWith = answerWith;
    const [first] = await verify();
    assert.equal(`${first?.name} ${first?.outcome}`, expected);
    assert.match(first?.finding ?? '', message);
  });
}

test('names the missing keys and the keys that nobody published', async () => {
  const [key] = keysOf(issuer);
  const checks = await verify({ expected: { jwks: { keys: [{ ...key, kid: 'key-2' }] } } });
  assert.match(checks[1]?.finding ?? '', /without key-2; with key-1 that is not published/);
  assert.equal(checks[1]?.outcome, 'failed');
});

test('a missing key is a failure, and so is an unknown one', async () => {
  const [key] = keysOf(issuer);
  const more = await verify({ expected: { jwks: { keys: [...keysOf(issuer), { ...key, kid: 'key-2' }] } } });
  assert.match(more[1]?.finding ?? '', /: without key-2; a cache/);
  const fewer = await verify({ expected: { jwks: { keys: [] } } });
  assert.match(fewer[1]?.finding ?? '', /: with key-1 that is not published; a cache/);
});

test('an unexpected content type is noted', async () => {
  issuer.answerWith = (request, response) => {
    const { writeHead } = response;
    response.writeHead = (status: number) =>
      writeHead.call(response, status, { 'content-type': 'text/html' });
    documents(request, response);
  };
  assert.deepEqual(await verdict(), ['discovery note', 'keys note', 'certificate note']);
});

test('an unknown CA fails, and the finding says what it needs', async () => {
  const { url, connectTo } = issuer;
  const checks = await verify({ endpoint: { issuer: url, connectTo } });
  assert.deepEqual(
    checks.map(({ name, outcome }) => `${name} ${outcome}`),
    ['certificate failed'],
  );
  assert.match(checks[0]?.finding ?? '', /thumbprint of its top CA certificate, ab12.*--verify-ca/);
});

/** Makes this process trust the issuer's CA as NODE_EXTRA_CA_CERTS does, and connects without a `ca`. */
function trustedHere(context: TestContext): IssuerEndpoint {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, issuer.ca]);
  context.after(() => setDefaultCACertificates(before));
  return { issuer: issuer.url, connectTo: issuer.connectTo };
}

test('a CA that only this machine trusts is not called public: IAM needs its thumbprint', async (context) => {
  const endpoint = trustedHere(context);
  const checks = await verify({ endpoint, publicAuthorities: bundledAuthorities });
  assert.deepEqual(
    checks.map(({ name, outcome }) => `${name} ${outcome}`),
    GOOD,
  );
  assert.match(checks.at(-1)?.finding ?? '', /^issued by your own CA: IAM needs the thumbprint .*, ab12$/);
});

test('the CA of a chain that public CAs alone verify is public', async (context) => {
  const checks = await verify({ endpoint: trustedHere(context) });
  assert.deepEqual(checks.at(-1), {
    name: 'certificate',
    outcome: 'ok',
    finding: 'issued by a public CA: IAM ignores thumbprints',
  });
});

test('a CA is not called public if the issuer does not answer a second time', async (context) => {
  const endpoint = trustedHere(context);
  issuer.answerWith = (request, response) =>
    (issuer.requests.length > 2 ? answering(503, {}) : documents)(request, response);
  const { outcome, finding } = (await verify({ endpoint })).at(-1) ?? {};
  assert.equal(outcome, 'note');
  assert.match(finding ?? '', /whether its CA is public is not known: .* has status 503/);
});

const noDns = async () => {
  throw new Error('getaddrinfo ENOTFOUND issuer.test');
};

test('the address need not be known here if a proxy leads to the issuer', async () => {
  const env = { HTTPS_PROXY: proxy.url };
  const endpoint = { issuer: issuer.url, ca: issuer.ca, env };
  const checks = await verify({ endpoint, resolve: noDns });
  assert.deepEqual(
    checks.map(({ name, outcome }) => `${name} ${outcome}`),
    ['discovery ok', 'address note', 'keys ok', 'certificate note'],
  );
  assert.match(checks[1]?.finding ?? '', /^not checked, the fetch went through a proxy: issuer\.test: /);
  assert.match(checks[3]?.finding ?? '', /, ab12, unless this CA is that of the proxy$/);
  for (const direct of [{}, { ...env, NO_PROXY: 'issuer.test' }]) {
    const [, address] = await verify({ endpoint: { ...endpoint, env: direct }, resolve: noDns });
    assert.deepEqual([address?.name, address?.outcome], ['address', 'failed']);
  }
});

const addresses: readonly (readonly [string, boolean])[] = [
  ['10.1.2.3', false],
  ['127.0.0.1', false],
  ['192.168.1.1', false],
  ['fd00::1', false],
  ['::1', false],
  ['172.32.0.1', true],
  ['2600:1f00::1', true],
];
for (const [address, isPublic] of addresses) {
  test(`AWS ${isPublic ? 'reaches' : 'does not reach'} ${address}`, async () => {
    // Nothing listens there by that name: only the address is checked.
    const checks = await verify({
      endpoint: { issuer: 'https://issuer.invalid' },
      resolve: async () => [address],
    });
    assert.equal(
      checks.some(({ name, outcome }) => name === 'address' && outcome === 'failed'),
      !isPublic,
    );
  });
}

test('tries again while a cache answers with an older document', async () => {
  let asked = 0;
  issuer.answerWith = (request, response) => {
    asked += 1;
    if (asked === 1) answering(404, {})(request, response);
    else documents(request, response);
  };
  let nowMs = 0;
  const clock = {
    ...systemClock,
    monotonicMs: () => nowMs,
    after: (ms: number, callback: () => void) => {
      nowMs += ms;
      queueMicrotask(callback);
      return () => {};
    },
  };
  assert.deepEqual(await verdict({ clock, timeoutMs: 5_000 }), GOOD);
  issuer.answerWith = answering(404, {});
  assert.equal((await verdict({ clock, timeoutMs: 5_000 }))[0], 'discovery failed');
  assert.ok(nowMs <= 6_000, `${nowMs} ms`);
});
