import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { importJWK } from 'jose';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { jwksDocument } from './jwks.ts';
import { algorithmOf, keyId, publicKeysFromPem } from './keys.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curves = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' } as const;
const ec = Object.entries(curves).map(([namedCurve, algorithm]) => ({
  ...generateKeyPairSync('ec', { namedCurve }),
  algorithm,
}));
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** Made without this code: `openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64url` */
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

test("the key id is kube-apiserver's", () => {
  const [key] = publicKeysFromPem(KNOWN_KEY, 'known');
  assert.equal(key && keyId(key), KNOWN_ID);
});

for (const { publicKey, algorithm } of ec) {
  test(`${algorithm} by curve`, () => assert.equal(algorithmOf(publicKey), algorithm));
}

test('RSA signs RS256', () => assert.equal(algorithmOf(rsa.publicKey), 'RS256'));

const ed25519 = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
const encrypted = { cipher: 'aes-128-cbc', passphrase: 'secret' } as const;
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const rsaJwk = rsa.publicKey.export({ format: 'jwk' });
/** An RSA key with another exponent, or modulus. */
const rsaWith = (members: object) =>
  pemOf(createPublicKey({ key: { ...rsaJwk, ...members }, format: 'jwk' }));
const good = pemOf(rsa.publicKey);
const hugeModulus = Buffer.alloc(2_200, 0xff).toString('base64url');
/** The older encryption, whose headers contain dashes, then PKCS#8. */
const encryptedForms = [
  rsa.privateKey.export({ type: 'pkcs1', format: 'pem', ...encrypted }).toString(),
  p256.privateKey.export({ type: 'sec1', format: 'pem', ...encrypted }).toString(),
  rsa.privateKey.export({ type: 'pkcs8', format: 'pem', ...encrypted }).toString(),
];
assert.match(encryptedForms[0] ?? '', /Proc-Type: 4,ENCRYPTED/);

const unreadable: readonly (readonly [string, string, RegExp])[] = [
  ['no PEM', 'hello', /contains no PEM block/],
  ['broken PEM', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', /not a readable key/],
  ['another type', ed25519, /ed25519/],
  ...encryptedForms.map(
    (pem) =>
      ['an encrypted key among others', good + pem, /sa\.pub line 10: is an encrypted .*-pubout/] as const,
  ),
  ['a key of 1024 bits', good + pemOf(weak.publicKey), /line 10: is an RSA key of 1024 bits.*keys create/],
  [
    'a private key of 1024 bits',
    weak.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    /RSA key of 1024 bits/,
  ],
  ['the exponent 1', rsaWith({ e: 'AQ' }), /public exponent is not an odd number/],
  ['an even exponent', rsaWith({ e: 'Ag' }), /public exponent is not an odd number/],
  ['an exponent that Go does not read', rsaWith({ e: 'AQAAAAE' }), /public exponent is not an odd number/],
  ['a modulus that nobody verifies with', rsaWith({ n: hugeModulus }), /17600 bits, and nobody verifies/],
  [
    'a curve of another purpose',
    pemOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey),
    /secp256k1/,
  ],
  [
    'RSA-PSS, which is for PS256',
    pemOf(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey),
    /rsa-pss/,
  ],
  [
    'broken base64 among others',
    good + good.replace(/\n.{9}/, '\n?????????'),
    /line 10: contains PUBLIC KEY, which is not a readable key/,
  ],
  [
    'a character less among others',
    good + good.replace(/(.)\n(?=-----END)/, '\n'),
    /line 10: contains PUBLIC KEY, which is not a readable key/,
  ],
  ['a dash in the base64', good + good.replace(/\n./, '\n-'), /not a readable key/],
  ['a beginning that is damaged', good + good.slice(1), /has dashes at line 10 that neither begin/],
  ['an end that is missing', good + good.split('-----END')[0], /PEM block at line 10.*that does not end/],
  ['something behind the last line', `${good.trim()}garbage\n`, /not ended correctly at line 9/],
  ['a CRL', '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n', /not a readable key/],
];
for (const [name, pem, message] of unreadable) {
  test(`refuses ${name}`, () => {
    assert.throws(() => publicKeysFromPem(pem, 'sa.pub'), { code: 'INVALID_KEY', message });
  });
}

test('a file from Windows contains the same keys', () => {
  assert.equal(publicKeysFromPem((good + good).replaceAll('\n', '\r\n'), 'sa.pub').length, 2);
});

test('a certificate among the keys counts as its key, as for kube-apiserver', async () => {
  const { cert } = await (await createAuthority('keys')).issue(['a.test']);
  const keys = publicKeysFromPem(good + cert, 'sa.pub');
  assert.equal(keys.length, 2);
  assert.ok(keys[1]?.equals(createPublicKey(cert)));
});

test('the exponents 3 and 65537 are safe', () => {
  for (const publicExponent of [3, 65_537]) {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent });
    assert.equal(publicKeysFromPem(pemOf(publicKey), 'sa.pub').length, 1);
  }
});

test('the key set has only public members, each key once, and jose reads it', async () => {
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
