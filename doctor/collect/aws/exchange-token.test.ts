import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { listen } from '../../../lib/http/serve.ts';
import { ROLE } from '../../../testing/aws/local-sts.ts';
import {
  answerXml,
  credentialsXml,
  startStsPeer,
  stsErrorXml,
  useStsPeer,
} from '../../../testing/aws/sts-peer.ts';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { useForwardProxy } from '../../../testing/proxies/forward-proxy.ts';
import { type ExchangeQuestion, exchangeToken } from './exchange-token.ts';

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzZWNyZXQifQ.signature-of-the-token';
const peer = await useStsPeer();
const proxy = await useForwardProxy();

function exchange(changes: Partial<ExchangeQuestion> = {}) {
  return exchangeToken({
    roleArn: ROLE,
    token: TOKEN,
    region: 'eu-central-1',
    endpoint: new URL(peer.url),
    isNamedByPod: false,
    podEnv: {},
    durationSeconds: undefined,
    env: {},
    signal: new AbortController().signal,
    ...changes,
  });
}

const REFUSALS = [
  [400, 'InvalidIdentityToken'],
  [400, 'ExpiredTokenException'],
  [400, 'IDPCommunicationError'],
  [400, 'ValidationError'],
  [400, 'MalformedPolicyDocument'],
  [403, 'AccessDenied'],
  [403, 'RegionDisabledException'],
  [400, 'Throttling'],
  [500, 'InternalFailure'],
  [400, 'SomethingNew'],
] as const;

for (const [status, code] of REFUSALS) {
  test(`refused with ${status} ${code}`, async () => {
    peer.answerWith = answerXml(status, () => stsErrorXml(code, `words with ${TOKEN}`));
    const { outcome } = await exchange();
    assert.ok(outcome.kind === 'refused');
    assert.equal(outcome.code, code);
    assert.equal(outcome.status, status);
    assert.equal(outcome.requestId, 'c6104cbe-af31-11e0-8154-cbc7ccf896c7');
    assert.ok(!JSON.stringify(outcome).includes(TOKEN.slice(0, 30)));
  });
}

test('the envelope of radosgw', async () => {
  const xml =
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message></Message><RequestId>tx01</RequestId><HostId>h</HostId></Error>';
  peer.answerWith = answerXml(403, () => xml);
  const { outcome } = await exchange();
  assert.ok(outcome.kind === 'refused');
  assert.deepEqual([outcome.status, outcome.code], [403, 'AccessDenied']);
});

for (const [name, status, body] of [
  ['a page', 502, '<html><body>Bad gateway</body></html>'],
  ['a page of another server', 404, '<html><body>no such page</body></html>'],
  ['plain text', 403, 'blocked by policy'],
  ['nothing', 403, ''],
] as const) {
  test(`no STS answers: ${name}`, async () => {
    peer.answerWith = answerXml(status, () => body);
    const { outcome } = await exchange();
    assert.ok(outcome.kind === 'refused', JSON.stringify(outcome));
    assert.deepEqual([outcome.status, outcome.code], [status, '']);
  });
}

test('200 from something that is not an STS', async () => {
  for (const body of ['<html></html>', 'hello', '']) {
    peer.answerWith = answerXml(200, () => body);
    const { outcome } = await exchange();
    assert.ok(outcome.kind === 'refused', `${body}: ${JSON.stringify(outcome)}`);
    assert.deepEqual([outcome.status, outcome.code], [200, '']);
  }
});

test('an answer without an end', async () => {
  peer.answerWith = (_request, response) => {
    const more = () => {
      while (response.write('<'.repeat(65_536)));
    };
    response.on('drain', more).on('error', () => {});
    more();
  };
  const { outcome } = await exchange();
  assert.ok(outcome.kind === 'refused');
  assert.deepEqual([outcome.status, outcome.code], [200, '']);
});

test('name and duration of the session are those of the pod', async () => {
  peer.answerWith = answerXml(200, () => credentialsXml());
  await exchange({ podEnv: { AWS_ROLE_SESSION_NAME: 'shop.web-1' }, durationSeconds: 10_800 });
  await exchange({ podEnv: { AWS_ROLE_SESSION_NAME: 'not a name' } });
  const [named, unnamed] = peer.calls.slice(-2);
  assert.equal(named?.get('RoleSessionName'), 'shop.web-1');
  assert.equal(named?.get('DurationSeconds'), '10800');
  assert.equal(unnamed?.get('RoleSessionName'), 'podrole-doctor');
  assert.equal(unnamed?.get('DurationSeconds'), null);
});

test('the clock of STS', async () => {
  peer.answerWith = (_request, response) =>
    response
      .writeHead(403, { Date: new Date(Date.now() + 900_000).toUTCString() })
      .end(stsErrorXml('AccessDenied'));
  const { clockSkewSeconds = 0 } = await exchange();
  assert.ok(Math.abs(clockSkewSeconds - 900) <= 2, String(clockSkewSeconds));
});

test('nobody answers', async () => {
  const closed = createServer();
  const port = await listen(closed, 0, '127.0.0.1');
  closed.close();
  await once(closed, 'close');
  const cases = [
    ['refused', `http://127.0.0.1:${port}`, {}],
    ['dns', 'http://sts.name.invalid', {}],
    ['proxy', `http://sts.test`, { HTTP_PROXY: `http://127.0.0.1:${port}` }],
  ] as const;
  for (const [reason, url, env] of cases) {
    const { outcome, isProxied } = await exchange({ endpoint: new URL(url), env });
    assert.ok(outcome.kind === 'unreachable', JSON.stringify(outcome));
    assert.equal(outcome.reason, reason);
    assert.equal(isProxied, reason === 'proxy');
  }
});

test('a certificate that this machine does not trust', async () => {
  const authority = await createAuthority('someone');
  const secured = await startStsPeer(await authority.issue(['localhost']));
  after(() => secured.close());
  const { outcome } = await exchange({ endpoint: new URL(secured.url) });
  assert.ok(outcome.kind === 'unreachable');
  assert.equal(outcome.reason, 'certificate');
});

test('a run that ends does not wait for STS', async () => {
  const stop = new AbortController();
  peer.answerWith = () => stop.abort();
  const { outcome } = await exchange({ signal: stop.signal });
  assert.ok(outcome.kind === 'unreachable');
});

test('the answer to the first attempt counts if the second one gets none', async () => {
  const stop = new AbortController();
  const before = peer.calls.length;
  const refuse = answerXml(400, () => stsErrorXml('IDPCommunicationError'));
  peer.answerWith = (request, response) => {
    if (peer.calls.length > before + 1) stop.abort();
    else refuse(request, response);
  };
  const { outcome } = await exchange({ signal: stop.signal });
  assert.equal(stop.signal.aborted, true);
  assert.equal(outcome.kind === 'refused' && outcome.code, 'IDPCommunicationError');
});

test('a proxy that leads to STS', async () => {
  peer.answerWith = answerXml(200, () => credentialsXml());
  proxy.routes.set('sts.test', Number(new URL(peer.url).port));
  const { outcome, isProxied } = await exchange({
    endpoint: new URL('http://sts.test/'),
    env: { HTTP_PROXY: proxy.url },
  });
  assert.equal(outcome.kind, 'session');
  assert.equal(isProxied, true);
});
