import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { SignJWT } from 'jose';
import { fetchIssuerKeys } from '../oidc/verify/issuer-documents.ts';
import { useIssuer } from '../testing/oidc/issuer.ts';
import { cacheIssuerKeys } from './issuer-keys.ts';
import { verifyWebIdentity } from './web-identity.ts';

const issuer = await useIssuer();

const NOW = Math.floor(Date.now() / 1_000);
const CLIENT_IDS = ['sts.amazonaws.com', 'second'];

function verify(token: string) {
  const { url, ca, connectTo } = issuer;
  const fetchKeys = () => fetchIssuerKeys({ issuer: url, ca, connectTo });
  const findKey = cacheIssuerKeys(fetchKeys, { now: () => 0 });
  return verifyWebIdentity(token, new Map([[url, { url, clientIDs: CLIENT_IDS, findKey }]]), NOW);
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The parts of a valid token. */
async function parts(): Promise<[header: string, claims: string, signature: string]> {
  const [header = '', claims = '', signature = ''] = (await issuer.sign()).split('.');
  return [header, claims, signature];
}

const accepted: readonly (readonly [string, Record<string, unknown>, string])[] = [
  ['as the API server mints it', {}, 'sts.amazonaws.com'],
  ['audience as a string', { aud: 'second' }, 'second'],
  ['one of several audiences', { aud: ['other', 'second'] }, 'second'],
  ['expired, within the grace', { exp: NOW - 299 }, 'sts.amazonaws.com'],
  ['without nbf', { nbf: undefined }, 'sts.amazonaws.com'],
  ['nbf ahead, within the grace', { nbf: NOW + 299 }, 'sts.amazonaws.com'],
];
for (const [name, claims, audience] of accepted) {
  test(`accepts a token ${name}`, async () => {
    const identity = await verify(await issuer.sign(claims));
    assert.equal(identity.subject, 'system:serviceaccount:shop:web');
    assert.equal(identity.audience, audience);
    assert.equal(identity.provider.url, issuer.url);
  });
}

const NOT_A_JWT = /not a valid JWT/;
const NO_KEY = /^Couldn't retrieve verification key from your identity provider, {2}please reference/;
const refusedClaims: readonly (readonly [string, Record<string, unknown>, string, RegExp])[] = [
  ['audience', { aud: 'other' }, 'InvalidIdentityToken', /^Incorrect token audience$/],
  ['no audience', { aud: undefined }, 'InvalidIdentityToken', /^Incorrect token audience$/],
  [
    'expired',
    { exp: NOW - 300 },
    'ExpiredTokenException',
    new RegExp(`date/time ${NOW} must .* ${NOW - 300}$`),
  ],
  ['exp is a string', { exp: String(NOW + 60) }, 'InvalidIdentityToken', /required claim: exp/],
  ['no exp', { exp: undefined }, 'InvalidIdentityToken', /required claim: exp/],
  ['no iat', { iat: undefined }, 'InvalidIdentityToken', /required claim: iat/],
  ['no sub', { sub: undefined }, 'InvalidIdentityToken', /required claim: sub/],
  ['empty sub', { sub: '' }, 'InvalidIdentityToken', /required claim: sub/],
  ['no iss', { iss: undefined }, 'InvalidIdentityToken', /required claim: iss/],
  ['not yet valid', { nbf: NOW + 301 }, 'InvalidIdentityToken', /not valid yet/],
  [
    'another issuer',
    { iss: 'https://other.test' },
    'InvalidIdentityToken',
    /^No OpenIDConnect provider found in your account for https:\/\/other\.test$/,
  ],
  [
    'issuer with a slash more',
    { iss: 'https://issuer.test/cluster/' },
    'InvalidIdentityToken',
    /^No OpenIDConnect/,
  ],
  ['issuer in capitals', { iss: 'https://ISSUER.test/cluster' }, 'InvalidIdentityToken', /^No OpenIDConnect/],
];
for (const [name, claims, code, message] of refusedClaims) {
  test(`refuses a token: ${name}`, async () => {
    await assert.rejects(verify(await issuer.sign(claims)), { code, message });
  });
}

const tampered: readonly (readonly [string, () => Promise<string>, RegExp])[] = [
  [
    'claims exchanged',
    async () => {
      const [header, claims, signature] = await parts();
      const changed = {
        ...JSON.parse(Buffer.from(claims, 'base64url').toString()),
        sub: 'system:serviceaccount:kube-system:admin',
      };
      return `${header}.${part(changed)}.${signature}`;
    },
    /^Token signature invalid$/,
  ],
  ['signature cut', async () => (await issuer.sign()).slice(0, -8), /^Token signature invalid$/],
  ['no signature', async () => (await issuer.sign()).replace(/[^.]*$/, ''), /^Token signature invalid$/],
  [
    'signed by another key',
    async () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const claims = { iss: issuer.url, sub: 'a', aud: 'second', iat: NOW, exp: NOW + 60 };
      return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'key-1' }).sign(privateKey);
    },
    /^Token signature invalid$/,
  ],
  [
    'algorithm none',
    async () => {
      const [, claims] = await parts();
      return `${part({ alg: 'none' })}.${claims}.`;
    },
    NOT_A_JWT,
  ],
  [
    'HS256 keyed with the public key',
    async () => {
      const [, claims] = await parts();
      const signed = `${part({ alg: 'HS256', kid: 'key-1' })}.${claims}`;
      return `${signed}.${createHmac('sha256', issuer.publicKey).update(signed).digest('base64url')}`;
    },
    NOT_A_JWT,
  ],
  [
    'algorithm of another key type',
    async () => {
      const [, claims, signature] = await parts();
      return `${part({ alg: 'ES256', kid: 'key-1' })}.${claims}.${signature}`;
    },
    NO_KEY,
  ],
  [
    'PS256',
    async () => {
      const [, claims, signature] = await parts();
      return `${part({ alg: 'PS256', kid: 'key-1' })}.${claims}.${signature}`;
    },
    NOT_A_JWT,
  ],
  ['unknown key id', () => issuer.sign({}, 'key-2'), NO_KEY],
  ['two parts', async () => (await issuer.sign()).replace(/\.[^.]*$/, ''), NOT_A_JWT],
  ['five parts', async () => `${await issuer.sign()}.a.b`, NOT_A_JWT],
  ['garbage', async () => 'garbage', NOT_A_JWT],
  ['claims that are not an object', async () => (await parts()).with(1, part([])).join('.'), NOT_A_JWT],
  ['a trailing newline', async () => `${await issuer.sign()}\n`, NOT_A_JWT],
];
for (const [name, make, message] of tampered) {
  test(`refuses a tampered token: ${name}`, async () => {
    await assert.rejects(verify(await make()), { code: 'InvalidIdentityToken', message });
  });
}

test('nothing is fetched for an issuer that is not configured, or an algorithm that is not accepted', async () => {
  const asked = issuer.requests.length;
  await assert.rejects(verify(await issuer.sign({ iss: 'https://other.test' })));
  const [, claims] = await parts();
  await assert.rejects(verify(`${part({ alg: 'none' })}.${claims}.`));
  assert.equal(issuer.requests.length, asked);
});

test("an unreachable or invalid issuer gives AWS's error codes", async () => {
  const documents = issuer.answerWith;
  const token = await issuer.sign();
  try {
    issuer.answerWith = (_request, response) => response.writeHead(500).end();
    await assert.rejects(verify(token), { code: 'IDPCommunicationError', detail: /has status 500/ });
    issuer.answerWith = (_request, response) => response.writeHead(404).end();
    await assert.rejects(verify(token), {
      code: 'InvalidIdentityToken',
      message: NO_KEY,
      detail: /has status 404/,
    });
  } finally {
    issuer.answerWith = documents;
  }
});
