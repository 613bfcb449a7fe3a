import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { drain, listen, type WebServer } from '../../lib/http/serve.ts';
import { asObject } from '../../lib/json/json.ts';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { runCli } from '../../testing/processes/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-publish-'));
const at = (name: string) => join(folder, name);
const ISSUER = 'https://issuer.test/one';
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
writeFileSync(at('sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
writeFileSync(
  at('other.pub'),
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }),
);

/** A web server whose root is the folder that is published to. */
let web: WebServer;
let port: number;
before(async () => {
  const authority = await createAuthority('authority of the test');
  writeFileSync(at('ca.crt'), authority.cert);
  web = createServer(await authority.issue(['issuer.test']), (request, response) => {
    try {
      response.setHeader('content-type', 'application/json').end(readFileSync(at(`site${request.url}`)));
    } catch {
      response.writeHead(404).end();
    }
  });
  port = await listen(web, 0, '127.0.0.1');
});
after(async () => {
  await drain(web, 0);
  rmSync(folder, { recursive: true });
});

function publish(...args: readonly string[]) {
  return runCli(['publish', '--to', at('site'), '--issuer', ISSUER, ...args]);
}

const keyFile = () => ['--key-file', at('sa.key')];
const verified = () => ['--verify-ca', at('ca.crt'), '--verify-connect-to', `127.0.0.1:${port}`];

test('prints what would be written, and writes nothing', async () => {
  const { exitCode, stdout } = await publish(...keyFile(), '--dry-run');
  assert.equal(exitCode, 0);
  assert.match(stdout, /^--- \/dev\/null\n\+\+\+ b\/one\/openid\/v1\/jwks\n@@ -0,0 \+1,\d+ @@\n\+\{\n/);
  assert.match(stdout, /^\+\+\+ b\/one\/\.well-known\/openid-configuration$/m);
  assert.throws(() => readFileSync(at('site/one/openid/v1/jwks')));
});

test('publishes, fetches back, and says so; no private part of a key becomes public', async () => {
  const { exitCode, stdout, stderr } = await publish(...keyFile(), ...verified());
  assert.equal(exitCode, 0, stdout + stderr);
  assert.match(stdout, /^key [\w-]{43} \(ES256\): added$/m);
  assert.match(stdout, /^wrote \/one\/openid\/v1\/jwks in folder /m);
  assert.match(stdout, /^ok {5}discovery: issuer https:\/\/issuer\.test\/one, in \d+ ms$/m);
  assert.match(stdout, /^ok {5}keys: all 1 published/m);
  assert.match(stdout, /^note {3}certificate: .*thumbprint of its top CA certificate, [0-9a-f]{40}$/m);
  const jwks = readFileSync(at('site/one/openid/v1/jwks'), 'utf8');
  assert.doesNotMatch(jwks, /"d"/);
  assert.match(jwks, new RegExp(String(publicKey.export({ format: 'jwk' }).x)));
});

test('a second run writes nothing', async () => {
  const { exitCode, stdout } = await publish(...keyFile(), '--verify=false');
  assert.equal(exitCode, 0);
  assert.match(stdout, /^nothing to write: folder .* is up to date for https:\/\/issuer\.test\/one$/m);
});

test('prints JSON for programs', async () => {
  const { stdout } = await publish('--key-file', at('other.pub'), '--dry-run', '-o', 'json');
  const report = asObject(JSON.parse(stdout)) ?? {};
  assert.equal(report['dryRun'], true);
  assert.deepEqual(report['toWrite'], ['/one/.podrole/publication.json', '/one/openid/v1/jwks']);
  assert.deepEqual(report['written'], []);
  assert.match(stdout, /"state": "unserved"/);
  assert.match(stdout, /"keptUntil": "2/);
});

test('fails if STS would get a different key set', async () => {
  const elsewhere = ['--to', at('elsewhere'), '--issuer', ISSUER, '--key-file', at('other.pub')];
  const { exitCode, stdout } = await runCli([
    'publish',
    ...elsewhere,
    ...verified(),
    '--verify-timeout',
    '0',
  ]);
  assert.equal(exitCode, 3);
  assert.match(stdout, /^FAILED keys: the key set differs: without/m);
});

const usage: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['nowhere to publish to', [], /--to: is not set, nor is --serve/],
  ['two places', ['--to', 'a', '--serve'], /--serve: excludes --to/],
  ['two sources', ['--to', 'a', '--jwks', 'a', '--key-file', 'b'], /--jwks: excludes --key-file/],
  ['half a certificate', ['--serve', '--tls-cert', 'a'], /only one of them is set/],
  ['no lifetime', ['--to', 'a', '--token-lifetime', '1 day'], /--token-lifetime: is "1 day"/],
  ['no issuer without a cluster', ['--to', 'a', '--key-file', 'b'], /--issuer: is not set/],
  [
    'no address to connect to',
    ['--to', 'a', '--key-file', 'b', '--issuer', ISSUER, '--verify-connect-to', 'a'],
    /must be HOST:PORT/,
  ],
];
for (const [name, args, message] of usage) {
  test(`refuses ${name}`, async () => {
    const { exitCode, stderr } = await runCli(['publish', ...args]);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, message);
  });
}

test('an issuer that IAM refuses is refused before anything is written', async () => {
  const args = ['--to', at('refused'), '--issuer', 'https://issuer.test:8443', ...keyFile()];
  const { exitCode, stderr } = await runCli(['publish', ...args]);
  assert.equal(exitCode, 3);
  assert.match(stderr, /has a port, which IAM does not allow/);
  assert.throws(() => readFileSync(at('refused')));
});

test('with certificates for radosgw it notes the effect of two keys there', async () => {
  const keys = [...keyFile(), '--key-file', at('other.pub'), '--dry-run'];
  assert.match((await publish(...keys, '--x5c')).stderr, /^note: Ceph radosgw 16 .* first key/);
  assert.equal((await publish(...keys)).stderr, '');
});
