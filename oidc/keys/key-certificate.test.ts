import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { servedKey } from '../../testing/oidc/publication.ts';
import { keyCertificate } from './key-certificate.ts';
import { publicKeysFromPem } from './keys.ts';

const keys: readonly (readonly [string, KeyObject])[] = [
  ['RSA 2048', generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey],
  ['RSA 4096', generateKeyPairSync('rsa', { modulusLength: 4096 }).publicKey],
  ...['P-256', 'P-384', 'P-521'].map(
    (namedCurve) => [namedCurve, generateKeyPairSync('ec', { namedCurve }).publicKey] as const,
  ),
];

for (const [name, publicKey] of keys) {
  test(`a certificate of ${name} contains the key, has a valid serial number and does not expire`, () => {
    const key = servedKey(publicKey);
    const certificate = new X509Certificate(Buffer.from(keyCertificate(key), 'base64'));
    assert.ok(certificate.publicKey.equals(publicKey));
    assert.equal(certificate.subject, `CN=${key.kid}`);
    assert.match(certificate.serialNumber, /^[4-7][0-9A-F]{31}$/);
    assert.equal(new Date(certificate.validTo).getUTCFullYear(), 9999);
  });
}

const KNOWN_KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMMYibtdaljEA8QRrsgi3BrX/z+Ao
pw2a6pramk034hg4N7xk30/lKOTZSRkrkTSL/oQarZLE9zQcnXN8vgojHw==
-----END PUBLIC KEY-----
`;

test('the certificate is the same in every run and version: radosgw identifies the issuer by its thumbprint', () => {
  const [publicKey] = publicKeysFromPem(KNOWN_KEY, 'known');
  assert.ok(publicKey);
  const certificate = new X509Certificate(Buffer.from(keyCertificate(servedKey(publicKey)), 'base64'));
  assert.equal(certificate.fingerprint, 'E3:C1:9B:CA:1D:C0:F4:90:C8:D8:D2:10:55:3C:0C:DE:CD:83:DB:AA');
});

test('a long key id is cut to the maximum length of a name', () => {
  const [publicKey] = publicKeysFromPem(KNOWN_KEY, 'known');
  assert.ok(publicKey);
  const certificate = new X509Certificate(
    Buffer.from(keyCertificate({ kid: 'k'.repeat(300), publicKey }), 'base64'),
  );
  assert.equal(certificate.subject, `CN=${'k'.repeat(64)}`);
});
