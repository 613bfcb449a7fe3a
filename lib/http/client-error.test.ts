import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { readBody } from './body/read-body.ts';
import { drain, listen, type WebServer } from './serve.ts';
import { createTlsServer, createWebServer } from './web-server.ts';

const MEBIBYTE = 1024 * 1024;
const authority = await createAuthority('test');
const options = {
  listener: async (request, response) => {
    const body = await readBody(request, MEBIBYTE).catch(() => undefined);
    if (body) response.end(`${body.length}`);
  },
  maxBodyBytes: MEBIBYTE,
} satisfies Parameters<typeof createWebServer>[0];
const servers = {
  http: createWebServer(options),
  tls: createTlsServer(options, await authority.issue(['127.0.0.1'])),
} satisfies Record<string, WebServer>;
const ports = {
  http: await listen(servers.http, 0, '127.0.0.1'),
  tls: await listen(servers.tls, 0, '127.0.0.1'),
};
after(() => Promise.all([drain(servers.http, 0), drain(servers.tls, 0)]));

type Way = keyof typeof ports;

async function connected(over: Way): Promise<Socket> {
  const to = { host: '127.0.0.1', port: ports[over], allowHalfOpen: true };
  const socket = over === 'tls' ? connectTls({ ...to, ca: authority.cert }) : connect(to);
  await once(socket, over === 'tls' ? 'secureConnect' : 'connect');
  return socket.pause();
}

function write(socket: Socket, bytes: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.write(bytes, (error) => (error ? reject(error) : resolve())),
  );
}

/** Reads until the server ends its side. A reset rejects. */
async function readAll(socket: Socket): Promise<string> {
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\n';
const REST = 'x'.repeat(4 * MEBIBYTE);
const cases: readonly (readonly [what: string, sent: string, status: number])[] = [
  ['headers that are too large', `GET / HTTP/1.1\r\nHost: a\r\nA: ${REST}`, 431],
  ['many headers', `GET / HTTP/1.1\r\nHost: a\r\n${'A: b\r\n'.repeat(400_000)}\r\n`, 431],
  ['a URL that is too large', `GET /${REST} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ['bytes that are not HTTP', REST, 400],
  ['two lengths', `${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\n${REST}`, 400],
  ['a chunk without its size', `${HEAD}Transfer-Encoding: chunked\r\n\r\n${REST}`, 400],
  ['chunk extensions that are too large', `${HEAD}Transfer-Encoding: chunked\r\n\r\n1;${REST}`, 413],
  ['no Host', `POST / HTTP/1.1\r\nContent-Length: ${REST.length}\r\n\r\n${REST}`, 400],
  ['garbage after a request', `GET / HTTP/1.1\r\nHost: a\r\n\r\n${REST}`, 400],
];

for (const over of ['http', 'tls'] as const) {
  describe(`over ${over}, a client that sends everything first can read the answer to`, () => {
    for (const [what, sent, status] of cases) {
      test(what, async () => {
        const socket = await connected(over);
        await write(socket, sent);
        const answer = await readAll(socket);
        assert.match(answer, new RegExp(`HTTP/1.1 ${status} .*\r\nConnection: close\r\n`, 's'));
        assert.equal(answer.match(/HTTP\/1.1 4/g)?.length, 1, answer);
        socket.destroy();
      });
    }
  });
}

describe('a client that cannot be understood', { timeout: 30_000 }, () => {
  test('and sends on for seconds before it reads, can read the answer', async () => {
    const socket = await connected('http');
    await write(socket, 'this is not HTTP\r\n\r\n');
    for (let at = 0; at < 30; at += 1) {
      await write(socket, 'more');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.match(await readAll(socket), /^HTTP\/1.1 400 /);
    socket.destroy();
  });

  test('and sends on for ever, is cut off', async () => {
    const socket = await connected('http');
    socket.on('error', () => {});
    let sent = 0;
    const send = () => write(socket, Buffer.alloc(MEBIBYTE, 'x'));
    while (
      sent < 64 &&
      (await send().then(
        () => true,
        () => false,
      ))
    )
      sent += 1;
    assert.ok(sent < 40, `${sent} MiB were taken`);
  });

  test('and never reads or closes, is cut off', async () => {
    const accepted = once(servers.http, 'connection');
    const socket = await connected('http');
    const [served] = (await accepted) as [Socket];
    await Promise.all([write(socket, 'this is not HTTP\r\n\r\n'), once(served, 'close')]);
    socket.destroy();
  });

  test('and closes its side, is answered and closed', async () => {
    const socket = await connected('http');
    socket.end('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n1');
    assert.match(await readAll(socket), /^HTTP\/1.1 400 |^$/);
  });
});
