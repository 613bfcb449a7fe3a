import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { askAgent, CONTAINER_HOST, CONTAINER_PATH } from '../../testing/agent/ask-agent.ts';
import { samplePod } from '../../testing/agent/sample-pod.ts';
import { accessKeyOf, serveAgent } from '../../testing/agent/served-agent.ts';

const HOSTILE = '127.0.0.31';
const OTHER = '127.0.0.32';
const hostile = samplePod('hostile');
const other = samplePod('other');
const agent = await serveAgent();
const sockets: Socket[] = [];
after(async () => {
  for (const socket of sockets) socket.destroy();
  await agent.close();
});
agent.callers
  .set(HOSTILE, { kind: 'workload', workload: hostile })
  .set(OTHER, { kind: 'workload', workload: other });

function open(from: string): Socket {
  const socket = connect({ host: '127.0.0.1', port: agent.port, localAddress: from });
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

/** Sends bytes and the end of the connection; returns all that comes back. */
async function answerTo(bytes: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let answer = '';
  open(HOSTILE)
    .on('data', (chunk) => {
      answer += chunk.toString('latin1');
    })
    .on('close', () => resolve(answer))
    .end(bytes, 'latin1');
  return promise;
}

async function assertOtherIsServed(): Promise<void> {
  const asking = { port: agent.port, from: OTHER, path: CONTAINER_PATH, headers: CONTAINER_HOST };
  const { body } = await askAgent(asking);
  const [grant] = other.grants;
  assert.equal(JSON.parse(body).AccessKeyId, accessKeyOf(other, grant ?? assert.fail()));
}

const HOST = 'Host: 169.254.170.2\r\n';
const get = (path: string, more = '', host = HOST) => `GET ${path} HTTP/1.1\r\n${host}${more}\r\n`;
const hosted = (host: string, path = CONTAINER_PATH) => get(path, '', `Host: ${host}\r\n`);
const post = (more: string, body = '') => `POST ${CONTAINER_PATH} HTTP/1.1\r\n${HOST}${more}\r\n${body}`;

const REFUSED: Readonly<Record<string, readonly [bytes: string, status: number]>> = {
  'the beginning of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  'the beginning of TLS': ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  'an address of the PROXY protocol': [`PROXY TCP4 ${OTHER} 127.0.0.1 5 80\r\n${get(CONTAINER_PATH)}`, 400],
  'its second version': [
    `\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\x7f\x00\x00\x20\x7f\x00\x00\x01\x00\x05\x00\x50${get(CONTAINER_PATH)}`,
    400,
  ],
  'X-Forwarded-For': [get(CONTAINER_PATH, `X-Forwarded-For: ${OTHER}\r\n`), 403],
  'X-Real-IP': [get(CONTAINER_PATH, `X-Real-IP: ${OTHER}\r\n`), 403],
  'TRACE with a token': [get(CONTAINER_PATH, 'Authorization: x\r\n').replace('GET', 'TRACE'), 403],
  'OPTIONS of all': [`OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, 404],
  'a whole URL of another host': [get('http://169.254.169.254/v1/credentials'), 403],
  'a whole URL with a user': [get('http://169.254.170.2@a/v1/credentials'), 403],
  'a whole URL of another scheme': [get('https://169.254.170.2/v1/credentials'), 404],
  'two hosts': [get(CONTAINER_PATH, 'Host: 169.254.169.254\r\n'), 403],
  'the same host twice': [get(CONTAINER_PATH, HOST), 403],
  'a list of hosts': [hosted('169.254.170.2, a'), 403],
  'another host': [hosted('example.com'), 403],
  'an empty host': [hosted(''), 403],
  'a host of instance metadata': [hosted('169.254.169.254'), 404],
  'no host': [get(CONTAINER_PATH, '', ''), 400],
  'no host in HTTP/1.0': [`GET ${CONTAINER_PATH} HTTP/1.0\r\n\r\n`, 404],
  'an encoded slash': [get('/v1%2fcredentials'), 404],
  'dot segments': [get('/v1/x/../credentials'), 404],
  backslashes: [get('\\v1\\credentials'), 400],
  'a NUL in the path': [get(`${CONTAINER_PATH}\0`), 400],
  'a name of a prototype': [hosted('169.254.169.254', '/latest/meta-data/__proto__'), 404],
  'a folded header': [get(CONTAINER_PATH, 'X: a\r\n b\r\n'), 400],
  'a space before a colon': [get(CONTAINER_PATH, 'X : a\r\n'), 400],
  'line feeds alone': [get(CONTAINER_PATH).replaceAll('\r', ''), 400],
  'a length and chunks': [post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), 400],
  'two lengths': [post('Content-Length: 0\r\nContent-Length: 5\r\n', 'hello'), 400],
  'a negative length': [post('Content-Length: -1\r\n'), 400],
  'a length beyond all numbers': [post('Content-Length: 99999999999999999999\r\n'), 400],
  'a body of a gigabyte': [post('Content-Length: 1000000000\r\n', 'x'.repeat(5_000)), 413],
  'a chunk beyond all numbers': [post('Transfer-Encoding: chunked\r\n', 'ffffffffffffffffff\r\n'), 400],
  'chunks of one byte': [post('Transfer-Encoding: chunked\r\n', '1\r\na\r\n'.repeat(20_000)), 413],
  'long extensions of a chunk': [post('Transfer-Encoding: chunked\r\n', `1;${'a'.repeat(20_000)}\r\n`), 413],
  'many trailers': [post('Transfer-Encoding: chunked\r\n', `0\r\n${'T: x\r\n'.repeat(5_000)}\r\n`), 431],
  'a header of 17 KB': [get(CONTAINER_PATH, `X: ${'a'.repeat(17_000)}\r\n`), 431],
  'many headers': [get(CONTAINER_PATH, 'a: b\r\n'.repeat(4_000)), 431],
  'a path of 17 KB': [get(`/${'a'.repeat(17_000)}`), 431],
  'two tokens': [get(CONTAINER_PATH, 'Authorization: a\r\nAuthorization: b\r\n'), 403],
  'another expectation': [get(CONTAINER_PATH, 'Expect: x\r\n'), 417],
  'a TTL that is not a number': [
    'PUT /latest/api/token HTTP/1.1\r\nHost: 169.254.169.254\r\nX-aws-ec2-metadata-token-ttl-seconds: 1e3\r\n\r\n',
    400,
  ],
};

for (const [what, [bytes, status]] of Object.entries(REFUSED)) {
  test(`${what}: ${status}, and nothing of another pod`, async () => {
    const answer = await answerTo(bytes);
    assert.equal(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]), status, answer);
    assert.ok(!answer.includes('uid-') && !answer.includes('SecretAccessKey'), answer);
  });
}

test('a second request in the body of the first is not answered', async () => {
  const inner = hosted('169.254.169.254', '/latest/meta-data/');
  const answer = await answerTo(get(CONTAINER_PATH, `Content-Length: ${inner.length}\r\n`) + inner);
  assert.equal(answer.match(/HTTP\/1\.1/g)?.length, 1);
});

const CONNECTIONS = 600;

for (const [what, bytes] of [
  ['nothing', ''],
  ['half of the headers', 'GET / HTTP/1.1\r\nX: '],
  ['half of a body', post('Content-Length: 100\r\n', 'x')],
  ['many requests at once', get(CONTAINER_PATH).repeat(1_000)],
] as const) {
  test(`${CONNECTIONS} connections that send ${what} do not keep out another pod`, async () => {
    const many = Array.from({ length: CONNECTIONS }, () => open(HOSTILE));
    for (const socket of many) socket.write(bytes);
    while (agent.shed < CONNECTIONS - 512) await assertOtherIsServed();
    await assertOtherIsServed();
    for (const socket of many) socket.destroy();
    agent.shed = 0;
  });
}
