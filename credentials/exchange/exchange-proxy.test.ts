import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ROLE } from '../../testing/aws/local-sts.ts';
import { startStsPeer } from '../../testing/aws/sts-peer.ts';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { type ProxyConduct, useForwardProxy } from '../../testing/proxies/forward-proxy.ts';
import { exchangeToken } from './exchange.ts';
import { ExchangeError } from './exchange-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-proxy-'));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, 'eyJhbGciOiJSUzI1NiJ9.secret.token');
const authority = await createAuthority('private authority');
const caFile = join(folder, 'ca.pem');
writeFileSync(caFile, authority.cert);

const tls = await startStsPeer(await authority.issue(['sts.test']));
const plain = await startStsPeer();
const proxy = await useForwardProxy();
for (const name of ['sts.test', 'other.test']) proxy.routes.set(name, Number(new URL(tls.url).port));
proxy.routes.set('plain.test', Number(new URL(plain.url).port));
after(async () => {
  await Promise.all([tls.close(), plain.close()]);
  rmSync(folder, { recursive: true });
});

function exchange(endpoint: string, through = proxy.url, ca = caFile) {
  const target = {
    endpoint: new URL(endpoint),
    proxy: new URL(through),
    caFile: ca || undefined,
    roleArn: ROLE,
    sessionName: 'test-session',
    durationSeconds: 900,
    tokenFile,
  };
  return exchangeToken(target, () => new Date(), new AbortController().signal);
}

async function failureOf(exchanged: Promise<unknown>): Promise<ExchangeError> {
  const outcome = await exchanged.catch((thrown: unknown) => thrown);
  assert.ok(outcome instanceof ExchangeError, String(outcome));
  for (const secret of ['hunter2', 'secret.token']) assert.ok(!outcome.message.includes(secret));
  return outcome;
}

test('https goes through a tunnel, http with its whole URL', async () => {
  assert.equal((await exchange('https://sts.test/')).session.accessKeyId, 'ASIAPEEREXAMPLE');
  assert.equal((await exchange('http://plain.test/')).session.accessKeyId, 'ASIAPEEREXAMPLE');
  assert.deepEqual(proxy.targets, ['CONNECT sts.test:443', 'POST http://plain.test/']);
});

test('a proxy is asked for the host of the endpoint and its path as written, whatever the path is', async () => {
  await exchange('http://plain.test//sts.test/');
  await exchange('http://plain.test/a//b?c=//d');
  assert.deepEqual(proxy.targets, ['POST http://plain.test//sts.test/', 'POST http://plain.test/a//b?c=//d']);
});

test('user and password reach the proxy alone', async () => {
  proxy.credentials = 'us er:hunter2@#';
  const given = proxy.url.replace('//', '//us%20er:hunter2%40%23@');
  await exchange('https://sts.test/', given);
  await exchange('http://plain.test/', given);
  for (const endpoint of ['https://sts.test/', 'http://plain.test/']) {
    const { code, message } = await failureOf(
      exchange(endpoint, proxy.url.replace('//', '//us%20er:hunter2@')),
    );
    assert.equal(code, 'PROXY_FAILED');
    assert.match(
      message,
      /^proxy http:\/\/127\.0\.0\.1:\d+: answered 407, .* (sts|plain)\.test.*USER:PASSWORD/,
    );
  }
});

test('the certificate of the target is verified behind the proxy too', async () => {
  const unknown = await failureOf(exchange('https://sts.test/', proxy.url, ''));
  assert.match(unknown.message, /^STS https:\/\/sts\.test: .*certificate/);
  const wrongName = await failureOf(exchange('https://other.test/'));
  assert.match(wrongName.message, /^STS https:\/\/other\.test: .*does not match certificate's altnames/);
});

const broken: readonly (readonly [ProxyConduct, code: string, says: RegExp])[] = [
  [403, 'PROXY_FAILED', /answered 403, when it was asked for sts\.test:443; allow this target in the proxy/],
  [502, 'PROXY_FAILED', /answered 502/],
  [504, 'PROXY_FAILED', /answered 504/],
  [302, 'PROXY_FAILED', /answered 302/],
  ['garbage', 'PROXY_FAILED', /failed: the answer is not HTTP.*; check that this proxy answers/],
  ['hang', 'PROXY_FAILED', /did not answer within 4000 ms/],
];

for (const [conduct, code, says] of broken) {
  test(`a proxy that answers ${conduct} is named, with the target`, async () => {
    proxy.conduct = conduct;
    const failure = await failureOf(exchange('https://sts.test/', proxy.url.replace('//', '//u:hunter2@')));
    assert.deepEqual([failure.code, failure.retry], [code, 'soon']);
    assert.match(failure.message, says);
    assert.ok(failure.message.startsWith(`proxy ${proxy.url}: `), failure.message);
  });
}

test('a proxy that cannot be reached is named', async () => {
  for (const endpoint of ['https://sts.test/', 'http://plain.test/']) {
    const failure = await failureOf(exchange(endpoint, 'http://u:hunter2@127.0.0.1:1'));
    assert.equal(failure.code, 'PROXY_FAILED');
    assert.match(failure.message, /^proxy http:\/\/127\.0\.0\.1:1: failed: .*refuses connections/);
  }
});
