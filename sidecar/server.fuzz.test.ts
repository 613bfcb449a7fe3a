import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { requestListener } from '../lib/http/request-listener.ts';
import { arbitraryRequest } from '../testing/arbitrary/request.ts';
import { collectLog } from '../testing/processes/collected-log.ts';
import { workload, workloadSession } from '../testing/sidecar/workload.ts';
import { type LoopbackServer, listenOnLoopback } from './listen-on-loopback.ts';

/** Statuses of the endpoints, 413 of the body limit, and 417, 431 and 505, which Node itself answers. */
const STATUSES = new Set([200, 400, 401, 403, 404, 405, 413, 417, 431, 505]);
const ROLE = '/latest/meta-data/iam/security-credentials/web';

const { logger, text: logged } = collectLog();
let server: LoopbackServer;

before(async () => {
  const { endpoint } = workload();
  server = await listenOnLoopback(0, requestListener({ endpoint, logger, onAnswer: () => {} }), logger);
});

after(() => server.drain(0));

/** Returns the answer to these bytes, read until the server closes the connection. */
async function send(bytes: string): Promise<string> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const socket = connect(server.port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1');
  socket.on('data', (part) => {
    answer += part;
  });
  // A server that does not read on resets; what it had answered by then counts.
  socket.on('error', () => {});
  socket.on('close', () => resolve());
  socket.end(bytes, 'latin1');
  await closed;
  return answer;
}

const request = arbitraryRequest({
  paths: ['/', '/latest/api/token', ROLE, '/v1/credentials'],
  headers: {
    host: ['169.254.169.254', '127.0.0.1:9911', '[fd00:ec2::254]:80', 'rebound.example.com'],
    'x-aws-ec2-metadata-token-ttl-seconds': ['60'],
    'content-length': ['0', '5', '70000'],
    'transfer-encoding': ['chunked'],
    expect: ['100-continue'],
    connection: ['keep-alive', 'upgrade'],
    upgrade: ['h2c'],
  },
});
const body = fc.oneof(
  fc.constantFrom(
    '',
    '0\r\n\r\n',
    '5\r\nhello\r\n0\r\n\r\n',
    'hello',
    'x'.repeat(70_000),
    'GET / HTTP/1.1\r\n\r\n',
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 100 }),
);
const version = fc.oneof(
  { weight: 8, arbitrary: fc.constant('HTTP/1.1') },
  fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/9', '', 'RTSP/1.0'),
);

test('for any bytes the server answers as documented or closes, and goes on', async () => {
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(request, version, body, async ({ method, url, headers }, protocol, content) => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      const answer = await send([`${method} ${url} ${protocol}`, ...lines, '', content].join('\r\n'));
      const [, status] = /^HTTP\/1\.1 (\d+) /.exec(answer) ?? [];
      if (status !== undefined && status !== '100') {
        statuses.add(Number(status));
        assert.ok(STATUSES.has(Number(status)), answer.slice(0, 200));
      }
      if (headers.host === 'rebound.example.com') {
        assert.ok(!answer.includes(workloadSession.secretAccessKey));
      }
    }),
    { numRuns: 3_000 },
  );
  for (const status of [200, 400, 403, 404, 405]) assert.ok(statuses.has(status), `${status} was met`);
  assert.match(await send(`GET ${ROLE} HTTP/1.0\r\n\r\n`), /^HTTP\/1\.1 200 OK\r\n/);
  assert.doesNotMatch(logged(), /request failed|secret\/of/);
});
