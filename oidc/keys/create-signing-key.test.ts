import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { asObject } from '../../lib/json/json.ts';
import { runCli } from '../../testing/processes/cli.ts';
import { algorithmOf, keyId } from './keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-keys-'));
after(() => rmSync(folder, { recursive: true }));

const types = [
  ['rsa-2048', 'RS256', /^-----BEGIN RSA PRIVATE KEY-----\n/],
  ['rsa-4096', 'RS256', /^-----BEGIN RSA PRIVATE KEY-----\n/],
  ['ec-p256', 'ES256', /^-----BEGIN EC PRIVATE KEY-----\n/],
] as const;
for (const [type, algorithm, begin] of types) {
  test(`makes a pair of type ${type} that only its owner can read`, async () => {
    const out = join(folder, type, 'pki');
    const { exitCode, stdout } = await runCli(['keys', 'create', '--out', out, '--type', type, '-o', 'json']);
    assert.equal(exitCode, 0);
    const pem = readFileSync(join(out, 'sa.key'), 'utf8');
    const publicKey = createPublicKey(readFileSync(join(out, 'sa.pub')));
    assert.match(pem, begin);
    assert.ok(createPublicKey(createPrivateKey(pem)).equals(publicKey));
    assert.equal(algorithmOf(publicKey), algorithm);
    assert.equal(
      publicKey.asymmetricKeyDetails?.modulusLength,
      type === 'ec-p256' ? undefined : Number(type.slice(4)),
    );
    assert.equal(asObject(JSON.parse(stdout))?.['kid'], keyId(publicKey));
    assert.equal(statSync(join(out, 'sa.key')).mode & 0o777, 0o600);
    assert.equal(statSync(join(out, 'sa.pub')).mode & 0o777, 0o644);
    assert.deepEqual(readdirSync(out).sort(), ['sa.key', 'sa.pub']);
  });
}

test('prints the key id and the flags, and no key', async () => {
  const { stdout } = await runCli(['keys', 'create', '--out', join(folder, 'text')]);
  assert.match(stdout, /^key [\w-]{43}\n/);
  assert.match(stdout, /--service-account-signing-key-file=/);
  assert.doesNotMatch(stdout, /PRIVATE KEY/);
});

for (const taken of ['sa.key', 'sa.pub']) {
  test(`never overwrites a ${taken}, nor leaves half a pair`, async () => {
    const out = mkdtempSync(join(folder, 'taken-'));
    writeFileSync(join(out, taken), 'mine');
    const { exitCode, stderr } = await runCli(['keys', 'create', '--out', out, '--type', 'ec-p256']);
    assert.equal(exitCode, 3);
    assert.match(stderr, new RegExp(`${taken}: exists already`));
    assert.equal(readFileSync(join(out, taken), 'utf8'), 'mine');
    assert.deepEqual(readdirSync(out), [taken]);
  });
}

test('names the folder that it may not write to', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const { exitCode, stderr } = await runCli(['keys', 'create', '--out', join(file, 'pki')]);
  assert.equal(exitCode, 3);
  assert.match(stderr, /file\/pki: is a path through a file that is not a folder; name a folder with --out/);
  assert.ok(!existsSync(join(file, 'pki')));
});
