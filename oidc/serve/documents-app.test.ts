import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { drain, listen } from '../../lib/http/serve.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { jwksDocument } from '../keys/jwks.ts';
import { discoveryDocument } from '../publication/discovery.ts';
import { issuerApp } from './documents-app.ts';

const ISSUER = 'https://oidc.example.com/clusters/one';
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const discovery = discoveryDocument(ISSUER, ['ES256', 'ES256']);
const jwks = jwksDocument([publicKey]);
const log = collectLog();
const server = createServer(issuerApp(discovery, jwks, log.logger).callback());
let origin: string;

before(async () => {
  origin = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
});

after(() => drain(server, 0));

test("the discovery document is kube-apiserver's, with the claims that AWS asks for", () => {
  assert.equal(
    JSON.stringify(discovery),
    `{"issuer":"${ISSUER}","jwks_uri":"${ISSUER}/openid/v1/jwks","response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256"],"claims_supported":["sub","iss"]}`,
  );
});

test('a key set published elsewhere is named', () => {
  const uri = 'https://keys.example.com/one.json';
  assert.equal(discoveryDocument(ISSUER, ['RS256'], uri).jwks_uri, uri);
});

for (const issuer of [
  'http://oidc.example.com',
  'https://oidc.example.com?a',
  'oidc.example.com',
  'https://u@oidc.example.com',
]) {
  test(`not an issuer: ${issuer}`, () => {
    assert.throws(() => discoveryDocument(issuer, ['RS256']), { code: 'INVALID_ISSUER' });
  });
}

const served = [
  ['/clusters/one/.well-known/openid-configuration', 'application/json; charset=utf-8', discovery],
  ['/clusters/one/openid/v1/jwks', 'application/jwk-set+json', jwks],
] as const;
for (const [path, type, document] of served) {
  test(`serves ${path}`, async () => {
    const response = await fetch(origin + path);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), type);
    assert.deepEqual(await response.json(), document);
    const head = await fetch(origin + path, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('content-length'), response.headers.get('content-length'));
    const posted = await fetch(origin + path, { method: 'POST' });
    assert.equal(posted.status, 405);
    assert.equal(posted.headers.get('allow'), 'GET, HEAD');
  });
}

test('a document that the reader has is not sent again', async () => {
  const [[path]] = served;
  const etag = (await fetch(origin + path)).headers.get('etag') ?? '';
  assert.match(etag, /^"[\w-]+"$/);
  for (const known of [etag, `"other", ${etag}`, '*']) {
    const again = await fetch(origin + path, { headers: { 'If-None-Match': known } });
    assert.equal(again.status, 304, known);
    assert.equal(again.headers.get('etag'), etag);
    assert.equal(await again.text(), '');
  }
  const changed = await fetch(origin + path, { headers: { 'If-None-Match': '"other"' } });
  assert.equal(changed.status, 200);
  assert.equal(changed.headers.get('cache-control'), 'public, max-age=60');
});

test('answers its health check', async () => {
  const answer = await fetch(`${origin}/healthz`);
  assert.equal(await answer.text(), 'ok\n');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
});

test('no other path is served', async () => {
  for (const path of ['/', '/.well-known/openid-configuration', '/clusters/one']) {
    assert.equal((await fetch(origin + path)).status, 404);
  }
});
