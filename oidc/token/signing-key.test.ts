import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { jwksDocument } from '../keys/jwks.ts';
import { readSigningKey, warningOfMode } from './signing-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-signing-key-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;
const p256 = ec('P-256');
const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1') =>
  key.export({ type, format: 'pem' }).toString();

const read: readonly (readonly [name: string, key: KeyObject, content: string])[] = [
  ['pkcs1', rsa, pem(rsa, 'pkcs1')],
  ['pkcs8', rsa, pem(rsa, 'pkcs8')],
  ['sec1', p256, pem(p256, 'sec1')],
  [
    'sec1 after its curve',
    p256,
    `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pem(p256, 'sec1')}`,
  ],
  ['with a byte order mark and comments', p256, `\uFEFFour key\n${pem(p256, 'pkcs8')}`],
  ...(['P-384', 'P-521'] as const).map((curve) => {
    const key = ec(curve);
    return [curve, key, pem(key, 'sec1')] as const;
  }),
];
for (const [name, key, content] of read) {
  test(`a private key, ${name}, has the kid and the algorithm that podrole publish publishes`, async () => {
    const { kid, algorithm } = await readSigningKey(file('key', content));
    const [published] = jwksDocument([createPublicKey(key)]).keys;
    assert.deepEqual({ kid, algorithm }, { kid: published?.kid, algorithm: published?.alg });
  });
}

const encrypted = rsa
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
  .toString();
const publicPem = createPublicKey(rsa).export({ type: 'spki', format: 'pem' }).toString();
const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey;
const refused: readonly (readonly [name: string, content: string | Buffer, code: string, words: RegExp])[] = [
  ['a public key', publicPem, 'INVALID_KEY', /contains no private key/],
  ['two keys', pem(rsa, 'pkcs1') + pem(p256, 'sec1'), 'INVALID_KEY', /contains 2 private keys/],
  ['an encrypted key', encrypted, 'INVALID_KEY', /is encrypted/],
  ['a weak key', pem(weak, 'pkcs8'), 'INVALID_KEY', /1024 bits/],
  ['an Ed25519 key', pem(generateKeyPairSync('ed25519').privateKey, 'pkcs8'), 'INVALID_KEY', /ed25519/],
  ['secp256k1', pem(ec('secp256k1'), 'sec1'), 'INVALID_KEY', /secp256k1/],
  ['a cut key', `${pem(rsa, 'pkcs1').slice(0, 200)}\n-----END RSA PRIVATE KEY-----\n`, 'INVALID_KEY', /./],
  ['a key that does not end', pem(rsa, 'pkcs1').slice(0, 200), 'INVALID_KEY', /does not end/],
  ['nothing', '', 'INVALID_KEY', /no PEM block/],
  ['UTF-16', Buffer.from(pem(p256, 'sec1'), 'utf16le'), 'UNREADABLE_FILE', /UTF-8/],
];
for (const [name, content, code, words] of refused) {
  test(`${name} is refused, and no part of the file is printed`, async () => {
    const path = file('key', content);
    await assert.rejects(readSigningKey(path), (thrown: { code: string; message: string }) => {
      assert.equal(thrown.code, code);
      assert.match(thrown.message, words);
      assert.doesNotMatch(thrown.message, /MII|MHc|-----/);
      return thrown.message.startsWith(`--signing-key ${path}: `);
    });
  });
}

test('a file that is missing is named', () =>
  assert.rejects(readSigningKey(join(folder, 'absent')), /--signing-key .*absent: .*name a file/));

test('a key that every user can read gets a warning', async () => {
  const path = file('loose', pem(p256, 'sec1'));
  for (const [mode, warns] of [
    [0o600, false],
    [0o640, false],
    [0o644, true],
  ] as const) {
    chmodSync(path, mode);
    assert.equal((await warningOfMode(path)) !== undefined, warns, mode.toString(8));
  }
});
