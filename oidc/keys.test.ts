import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { importJWK } from 'jose';
import { jwksDocument } from './jwks.ts';
import { algorithmOf, keyId, publicKeysFromPem } from './keys.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curves = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' } as const;
const ec = Object.entries(curves).map(([namedCurve, algorithm]) => ({
  ...generateKeyPairSync('ec', { namedCurve }),
  algorithm,
}));
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** From `openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64url`, outside of this code. */
const KNOWN_KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMMYibtdaljEA8QRrsgi3BrX/z+Ao
pw2a6pramk034hg4N7xk30/lKOTZSRkrkTSL/oQarZLE9zQcnXN8vgojHw==
-----END PUBLIC KEY-----
`;
const KNOWN_ID = 'c2ZcFU75Az_rmZBAnxd_P_WKSfRDZy_-CTqw4ntLfLo';

const forms: readonly (readonly [string, string, KeyObject])[] = [
  ['RSA, PKIX', rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString(), rsa.publicKey],
  ['RSA, PKCS#1 public', rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(), rsa.publicKey],
  ['RSA, PKCS#1 private', rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(), rsa.publicKey],
  ['RSA, PKCS#8', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), rsa.publicKey],
  ['EC, PKIX', p256.publicKey.export({ type: 'spki', format: 'pem' }).toString(), p256.publicKey],
  ['EC, PKCS#8', p256.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), p256.publicKey],
  [
    'EC, SEC1 behind its parameters',
    `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${p256.privateKey.export({ type: 'sec1', format: 'pem' })}`,
    p256.publicKey,
  ],
];
for (const [name, pem, expected] of forms) {
  test(`reads the public key of ${name}`, () => {
    const [key, ...more] = publicKeysFromPem(pem, 'sa.key');
    assert.equal(more.length, 0);
    assert.equal(key?.type, 'public');
    assert.ok(key?.equals(expected));
  });
}

test('reads every key of a file', () => {
  const pem = forms.map(([, text]) => text).join('comment\n');
  assert.equal(publicKeysFromPem(pem, 'sa.pub').length, forms.length);
});

test('the key id is the one of kube-apiserver', () => {
  const [key] = publicKeysFromPem(KNOWN_KEY, 'known');
  assert.equal(key && keyId(key), KNOWN_ID);
});

for (const { publicKey, algorithm } of ec) {
  test(`${algorithm} by curve`, () => assert.equal(algorithmOf(publicKey), algorithm));
}

test('RSA signs RS256', () => assert.equal(algorithmOf(rsa.publicKey), 'RS256'));

const ed25519 = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
const unreadable: readonly (readonly [string, string, RegExp])[] = [
  ['no PEM', 'hello', /holds no PEM block/],
  ['broken PEM', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', /no readable key/],
  ['another type', ed25519, /ed25519/],
];
for (const [name, pem, message] of unreadable) {
  test(`refuses ${name}`, () => {
    assert.throws(() => publicKeysFromPem(pem, 'sa.pub'), { code: 'INVALID_KEY', message });
  });
}

test('the key set holds public members alone, each key once, and jose reads it', async () => {
  const keys = [rsa.publicKey, p256.publicKey, rsa.publicKey];
  const document = jwksDocument(keys);
  assert.deepEqual(
    document.keys.map((key) => Object.keys(key)),
    [
      ['use', 'kty', 'kid', 'alg', 'n', 'e'],
      ['use', 'kty', 'kid', 'alg', 'crv', 'x', 'y'],
    ],
  );
  assert.deepEqual(
    document.keys.map(({ kid }) => kid),
    [keyId(rsa.publicKey), keyId(p256.publicKey)],
  );
  for (const key of document.keys) await importJWK({ ...key });
});

test('more keys than IAM reads are refused', () => {
  const keys = Array.from(
    { length: 101 },
    () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
  );
  assert.throws(() => jwksDocument(keys), { code: 'TOO_MANY_KEYS' });
  assert.equal(jwksDocument(keys.slice(1)).keys.length, 100);
});
