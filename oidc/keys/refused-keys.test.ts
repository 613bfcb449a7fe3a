import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { JWKS_PATH } from '../../lib/contract/kubernetes.ts';
import { DISCOVERY_PATH, type FakeCluster, startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { runCli } from '../../testing/processes/cli.ts';

const ISSUER = 'https://oidc.example.com';
const folder = mkdtempSync(join(tmpdir(), 'podrole-refused-'));
const out = join(folder, 'out');
let cluster: FakeCluster;
before(async () => {
  cluster = await startFakeCluster();
  cluster.objects.set(DISCOVERY_PATH, { issuer: ISSUER });
});
after(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const rsa1024 = generateKeyPairSync('rsa', { modulusLength: 1024 });
const ed25519 = generateKeyPairSync('ed25519').publicKey;
const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey;
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const encrypted = { format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' } as const;

const FILES: Readonly<Record<string, readonly [content: string, problem: RegExp]>> = {
  'rsa1024.pub': [pemOf(rsa1024.publicKey), /is an RSA key of 1024 bits, and RS256 needs 2048 or more; make/],
  'ed25519.pub': [pemOf(ed25519), /is of type ed25519, which cannot sign service account tokens; give/],
  'ed448.pub': [pemOf(generateKeyPairSync('ed448').publicKey), /is of type ed448, which cannot sign/],
  'dsa.pub': [
    pemOf(generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).publicKey),
    /type dsa/,
  ],
  'k1.pub': [pemOf(secp256k1), /is of type secp256k1, which cannot sign/],
  'pkcs8.key': [
    p256.privateKey.export({ type: 'pkcs8', ...encrypted }).toString(),
    /is an encrypted PRIVATE KEY; give its public key; openssl pkey -in FILE -pubout prints it/,
  ],
  'sec1.key': [
    p256.privateKey.export({ type: 'sec1', ...encrypted }).toString(),
    /is an encrypted EC PRIVATE KEY; /,
  ],
  'csr.pem': [
    '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n',
    /contains CERTIFICATE REQUEST, which is not a readable key: /,
  ],
  'id_rsa.pub': [
    'ssh-rsa AAAAB3NzaC1yc2E= me@here\n',
    /is a key in the format of OpenSSH; .*ssh-keygen -e -m PKCS8/,
  ],
  id_rsa: [
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----\n',
    /is a key in the format of OpenSSH; .*ssh-keygen -e -m PKCS8/,
  ],
};

for (const [name, [content, problem]] of Object.entries(FILES)) {
  test(`${name} is refused with its name, and nothing is written`, async () => {
    const file = join(folder, name);
    writeFileSync(file, content);
    const publish = ['publish', '--issuer', ISSUER, '--verify=false', '--to', out, '--key-file', file];
    const rotate = ['keys', 'rotate', 'start', '--to', out, '--key-file', file, '--kube-api', cluster.url];
    for (const command of [publish, rotate]) {
      const { exitCode, stderr } = await runCli(command);
      assert.equal(exitCode, 3);
      assert.equal(stderr.match(/^error: /gm)?.length, 1, stderr);
      assert.ok(stderr.startsWith(`error: --key-file ${file}`), stderr);
      assert.match(stderr, problem);
    }
    assert.ok(!existsSync(out));
  });
}

for (const [name, key, problem] of [
  ['an RSA key of 1024 bits', rsa1024.publicKey, /is an RSA key of 1024 bits, and RS256 needs 2048/],
  ['Ed25519', ed25519, /is of type ed25519, which cannot sign/],
  [
    'secp256k1',
    secp256k1,
    /is of type secp256k1, which cannot sign|is not an RSA, P-256, P-384 or P-521 key/,
  ],
] as const) {
  test(`${name} in a key set of a file, or of the API server, is refused, and nothing is written`, async () => {
    const set = {
      keys: [p256.publicKey, key].map((one) => ({ ...one.export({ format: 'jwk' }), use: 'sig' })),
    };
    const file = join(folder, 'jwks.json');
    writeFileSync(file, JSON.stringify(set));
    cluster.objects.set(JWKS_PATH, set);
    const publish = ['publish', '--verify=false', '--to', out];
    const ofFile = await runCli([...publish, '--issuer', ISSUER, '--jwks', file]);
    assert.ok(ofFile.stderr.startsWith(`error: --jwks ${file} keys[1]: `), ofFile.stderr);
    const ofServer = await runCli([...publish, '--kube-api', cluster.url]);
    assert.ok(ofServer.stderr.startsWith('error: API server keys[1]: '), ofServer.stderr);
    for (const { exitCode, stderr } of [ofFile, ofServer]) {
      assert.equal(exitCode, 3);
      assert.match(stderr, problem);
    }
    assert.ok(!existsSync(out));
  });
}
