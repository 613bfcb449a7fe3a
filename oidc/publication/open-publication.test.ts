import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { readSettings } from '../../lib/settings/settings.ts';
import { DISCOVERY_PATH, type FakeCluster, startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { publishedKey } from '../keys/jwks.ts';
import { keyId } from '../keys/keys.ts';
import { publicationSettings } from '../settings.ts';
import { openPublication } from './open-publication.ts';

const KEY_SET_PATH = '/openid/v1/jwks';
const ISSUER = 'https://oidc.example.com/one';
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = { keys: [publishedKey('signer-1', publicKey)] };
const folder = mkdtempSync(join(tmpdir(), 'podrole-source-'));
const pem = join(folder, 'sa.pub');
const jwksFile = join(folder, 'jwks.json');
writeFileSync(pem, publicKey.export({ type: 'spki', format: 'pem' }));
writeFileSync(jwksFile, JSON.stringify(jwks));

let api: FakeCluster;
before(async () => {
  api = await startFakeCluster();
});
beforeEach(() => {
  api.objects.set(DISCOVERY_PATH, { issuer: ISSUER }).set(KEY_SET_PATH, jwks);
  api.trouble = () => undefined;
});
after(async () => {
  await api.stop();
  rmSync(folder, { recursive: true });
});

async function open(flags: Readonly<Record<string, string>>) {
  const settings = readSettings(publicationSettings, { to: join(folder, 'site'), ...flags }, {});
  const publication = await openPublication(settings, {}, () => new Date(0));
  const signal = new AbortController().signal;
  const request = await publication.request(signal);
  const keys = await request.source.read(signal);
  publication.close();
  return { ...request, kids: keys.map(({ kid }) => kid) };
}

test("by default, issuer and keys are the API server's, with its key ids", async () => {
  const { issuer, kids } = await open({ kubeApi: api.url });
  assert.equal(issuer, ISSUER);
  assert.deepEqual(kids, ['signer-1']);
});

test("the API server's issuer may also be given", async () => {
  assert.equal((await open({ kubeApi: api.url, issuer: ISSUER })).issuer, ISSUER);
});

test("an issuer other than the API server's is an error that names both", async () => {
  await assert.rejects(open({ kubeApi: api.url, issuer: `${ISSUER}/` }), {
    code: 'ISSUER_MISMATCH',
    message: /one\/: .* https:\/\/oidc\.example\.com\/one,/,
  });
});

const files: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['PEM files', { keyFile: pem }, keyId(publicKey)],
  ['a key set', { jwks: jwksFile }, 'signer-1'],
];
for (const [name, flags, kid] of files) {
  test(`keys of ${name}`, async () => {
    const { issuer, kids, stillServedBy } = await open({ ...flags, issuer: 'https://new.example.com' });
    assert.equal(issuer, 'https://new.example.com');
    assert.deepEqual(kids, [kid]);
    assert.equal(stillServedBy, undefined);
  });

  test(`keys of ${name}, with an API server to ask before a key is dropped`, async () => {
    const { issuer, stillServedBy } = await open({ ...flags, kubeApi: api.url });
    assert.equal(issuer, ISSUER);
    assert.equal(stillServedBy?.name, 'API server');
  });

  test(`keys of ${name} need an issuer`, async () => {
    await assert.rejects(open(flags), { code: 'MISSING_SETTING' });
  });
}

test('an API server that refuses the request', async () => {
  api.trouble = () => ({ status: 403 });
  await assert.rejects(open({ kubeApi: api.url }), {
    code: 'API_REFUSED',
    message: /system:service-account-issuer-discovery/,
  });
});

test('an API server with keys of unknown types is an error: a part is never taken for the whole', async () => {
  const unknown = { kty: 'OKP', crv: 'Ed25519', x: 'AA', kid: 'b' };
  api.objects.set(KEY_SET_PATH, { keys: [...jwks.keys, unknown] });
  await assert.rejects(open({ kubeApi: api.url }), { code: 'INVALID_KEY' });
});

for (const issuer of ['oidc.example.com', '', 'https://oidc.example.com:8443']) {
  test(`an invalid issuer is refused before a target is opened for it: ${issuer || 'empty'}`, async () => {
    api.objects.set(DISCOVERY_PATH, { issuer });
    await assert.rejects(open({ kubeApi: api.url, to: 's3://keys' }), { code: 'INVALID_ISSUER' });
  });
}

test('two sources exclude each other', async () => {
  await assert.rejects(open({ keyFile: pem, jwks: jwksFile }), { code: 'INVALID_SETTING' });
});
