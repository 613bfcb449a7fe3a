import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, test } from 'node:test';
import { rawRequest } from '../../testing/processes/raw-request.ts';
import { serveWorkload } from '../../testing/sidecar/served-workload.ts';
import { workloadSession } from '../../testing/sidecar/workload.ts';

const server = await serveWorkload();
after(() => server.close());

const get = (path: string, ...headers: readonly string[]) =>
  `GET ${path} HTTP/1.1\r\n${['Host: localhost', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`;
const put = (body: string, ...headers: readonly string[]) =>
  [
    'PUT /latest/api/token HTTP/1.1',
    ...['Host: 169.254.169.254:80', 'X-aws-ec2-metadata-token-ttl-seconds: 60', ...headers],
    '',
    body,
  ].join('\r\n');

test('requests of SDKs are answered, unless they are too large or meant for another host', async () => {
  const cases: readonly (readonly [name: string, bytes: string, answer: RegExp])[] = [
    ['container credentials', get('/v1/credentials'), /^HTTP\/1\.1 200 .*"AccessKeyId":"ASIAEXAMPLE"/s],
    ['HTTP/1.0 without a host', 'GET /latest/meta-data/instance-id HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 200 /],
    ['HTTP/1.1 without a host', 'GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
    [
      'HEAD has no body',
      get('/v1/credentials').replace('GET', 'HEAD'),
      /^HTTP\/1\.1 200 .*Content-Length: \d{3}\b.*\r\n\r\n$/s,
    ],
    ['token', put('', 'Content-Length: 0'), /^HTTP\/1\.1 200 .*ttl-seconds: 60\r\n/s],
    [
      'token, chunked',
      put('0\r\n\r\n', 'Transfer-Encoding: chunked', 'Expect: 100-continue'),
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /,
    ],
    [
      'token with a form',
      put('a=b', 'Content-Length: 3', 'Content-Type: application/x-www-form-urlencoded'),
      /^HTTP\/1\.1 200 /,
    ],
    [
      'rebound name',
      get('/v1/credentials', 'Host: x').replace('Host: localhost\r\n', ''),
      /^HTTP\/1\.1 403 .*HOST_NOT_ALLOWED/s,
    ],
    ['two hosts', get('/v1/credentials', 'Host: attacker.test'), /^HTTP\/1\.1 403 /],
    ['large body', put('x'.repeat(5_000), 'Content-Length: 5000'), /^HTTP\/1\.1 413 .*Connection: close/s],
    [
      'large body in chunks',
      put(`1388\r\n${'x'.repeat(5_000)}\r\n0\r\n\r\n`, 'Transfer-Encoding: chunked'),
      /^HTTP\/1\.1 413 /,
    ],
    ['large header', get('/v1/credentials', `X: ${'x'.repeat(9_000)}`), /^HTTP\/1\.1 431 /],
    ['large target', get(`/${'x'.repeat(9_000)}`), /^HTTP\/1\.1 431 /],
    ['upgrade', get('/v1/credentials', 'Upgrade: h2c'), /^HTTP\/1\.1 200 .*AccessKeyId/s],
    ['tunnel', 'CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: localhost\r\n\r\n', /^$/],
    ['smuggled', put('0\r\n\r\nGET', 'Transfer-Encoding: chunked', 'Content-Length: 3'), /^HTTP\/1\.1 400 /],
    [
      'two at once',
      get('/v1/credentials').replace('Connection: close\r\n', '') + get('/latest/meta-data/instance-id'),
      /"AccessKeyId".*i-0123456789abcdef0$/s,
    ],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00', /^HTTP\/1\.1 400 /],
  ];
  for (const [name, bytes, answer] of cases) {
    const answered = await rawRequest(server.port, bytes);
    assert.match(answered, answer, name);
    assert.equal(answered.includes(workloadSession.secretAccessKey), /AccessKeyId/.test(answer.source), name);
  }
});

test('a client that sends all of a large body first can read its answer', async () => {
  const body = 'x'.repeat(1_048_576);
  const whole = put(body, `Content-Length: ${body.length}`);
  for (const [bytes, status] of [
    [whole, 413],
    [whole.replace('/latest/api/token', '/nothing'), 413],
    [whole.replace('169.254.169.254:80', 'attacker.test'), 403],
    [whole.replace('/latest', 'http://attacker.test/latest'), 403],
  ] as const) {
    assert.match(await rawRequest(server.port, bytes), new RegExp(`^HTTP/1\\.1 ${status} .*\\}$`, 's'));
  }
});

test('both loopback addresses are served, and no other', async () => {
  assert.match(await rawRequest(server.port, get('/v1/credentials'), '::1'), /ASIAEXAMPLE/);
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ address }) => address);
  for (const host of [...others, '127.0.0.2']) {
    await assert.rejects(rawRequest(server.port, get('/'), host), /ECONNREFUSED/, host);
  }
});

test('a client that goes away while it waits affects no other', async () => {
  const waiting = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  let requests = 0;
  server.endpoint = async () => {
    requests += 1;
    if (requests === 2) arrived.resolve();
    await waiting.promise;
    return { status: 200, headers: {}, body: 'answer' };
  };
  const going = new AbortController();
  const gone = fetch(`http://127.0.0.1:${server.port}/`, { signal: going.signal });
  const stays = fetch(`http://127.0.0.1:${server.port}/`);
  await arrived.promise;
  going.abort();
  await assert.rejects(gone, /abort/);
  waiting.resolve();
  assert.equal(await (await stays).text(), 'answer');
});

test('an internal error is answered without details', async () => {
  server.endpoint = () => Promise.reject(new Error('token eyJhbGciOi'));
  const answer = await rawRequest(server.port, get('/v1/credentials'));
  assert.match(answer, /^HTTP\/1\.1 500 .*INTERNAL_ERROR/s);
  assert.doesNotMatch(answer, /eyJ/);
});

test('the log of requests contains path and status, and nothing that may be a secret', async () => {
  server.endpoint = async () => ({ status: 200, headers: {}, body: 'secret-of-answer' });
  await rawRequest(
    server.port,
    get('/path?secret-of-query', 'Authorization: secret-of-client', 'User-Agent: boto'),
  );
  const line = server.log.text().split('\n').at(-2) ?? '';
  assert.match(line, /"method":"GET","path":"\/path","host":"localhost","userAgent":"boto","status":200/);
  assert.doesNotMatch(server.log.text(), /secret-of/);
});

test('the log of requests does not contain half of a secret path either', async () => {
  server.endpoint = async () => ({ status: 404, headers: {}, body: '' });
  await rawRequest(server.port, get('/v1/credentials//5f0c1f6e-7d0a-4c58/-9a55-0f1b2c3d4e5f'));
  assert.match(server.log.text(), /"path":"\/v1\/credentials\/…"/);
  assert.doesNotMatch(server.log.text(), /5f0c1f6e|0f1b2c3d4e5f/);
});
