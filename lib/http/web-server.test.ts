import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { until } from '../../testing/until.ts';
import { BodyTooLargeError, readBody } from './body/read-body.ts';
import type { WebServer } from './connections.ts';
import { drain, listen } from './serve.ts';
import { createTlsServer, createWebServer, type WebServerOptions } from './web-server.ts';

const MAX_BODY_BYTES = 1_000;
const MEBIBYTE = 1024 * 1024;
const authority = await createAuthority('test');
const pair = await authority.issue(['127.0.0.1']);

/**
 * Answers `/hold` when it is released, everything else at once: with the length of its body, or 413 where
 * that is too large.
 */
async function start(options: Partial<WebServerOptions> = {}, over: 'http' | 'tls' = 'http') {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const listener: WebServerOptions['listener'] = async (incoming, response) => {
    try {
      if (incoming.url === '/hold') await released;
      const { length } = await readBody(incoming, MAX_BODY_BYTES);
      response.end(`${length}`);
    } catch (thrown) {
      if (!(thrown instanceof BodyTooLargeError)) return;
      response.writeHead(413, { Connection: 'close' }).end('too large');
    }
  };
  const all = { listener, maxBodyBytes: MAX_BODY_BYTES, ...options };
  const server: WebServer = over === 'tls' ? createTlsServer(all, pair) : createWebServer(all);
  const port = await listen(server, 0, '127.0.0.1');
  after(() => drain(server, 0));
  return { server, port, release };
}

async function connected(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Everything that the server sends until it ends the connection. */
function untilClosed(socket: Socket): Promise<string> {
  let sent = '';
  socket.on('data', (chunk: Buffer) => {
    sent += chunk.toString('latin1');
  });
  return new Promise((resolve) => {
    socket.on('close', () => resolve(sent));
    socket.on('end', () => socket.end());
  });
}

async function get(port: number, path = '/'): Promise<string> {
  const outgoing = request({ host: '127.0.0.1', port, path, agent: false }).end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return text(incoming);
}

/** Sends a part each second, which is less than any limit of inactivity. */
function drip(socket: Socket, parts: readonly (string | Buffer)[]): void {
  const rest = [...parts];
  const timer = setInterval(() => {
    const part = rest.shift();
    if (part === undefined || socket.destroyed) clearInterval(timer);
    else socket.write(part);
  }, 1_000);
  socket.once('close', () => clearInterval(timer));
}

/**
 * With Node's own intervals each of these takes up to 30 s longer, or two minutes: the time-out of the test
 * fails it then.
 */
describe('a client that goes on for ever is ended by its limit', {
  concurrency: true,
  timeout: 14_000,
}, () => {
  const cases: [what: string, over: 'http' | 'tls', send: (socket: Socket) => void, answer: RegExp][] = [
    ['nothing at all', 'http', () => {}, /^HTTP\/1.1 408 /],
    [
      'headers one at a time',
      'http',
      (socket) => {
        socket.write('GET / HTTP/1.1\r\n');
        drip(socket, Array(30).fill('A: b\r\n'));
      },
      /^HTTP\/1.1 408 /,
    ],
    [
      'a body byte by byte',
      'http',
      (socket) => {
        socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n');
        drip(socket, Array(30).fill('x'));
      },
      /^HTTP\/1.1 408 /,
    ],
    ['no handshake', 'tls', () => {}, /^$/],
    [
      'a handshake byte by byte',
      'tls',
      (socket) => drip(socket, [Buffer.from([0x16]), Buffer.from([3]), ...Array(30).fill(Buffer.from([1]))]),
      /^/,
    ],
  ];
  for (const [what, over, send, answer] of cases) {
    test(`${what}, over ${over}`, async () => {
      const { port } = await start({}, over);
      const socket = await connected(port);
      const closed = untilClosed(socket);
      send(socket);
      assert.match(await closed, answer);
    });
  }
  test('a handshake and nothing more', async () => {
    const { port } = await start({}, 'tls');
    const socket = connectTls({ host: '127.0.0.1', port, ca: authority.cert });
    await once(socket, 'secureConnect');
    assert.match(await untilClosed(socket), /^HTTP\/1.1 408 /);
  });
});

describe('more connections than the limit', () => {
  test('a newcomer takes the place of the one that has kept the server waiting for the longest', async () => {
    let shed = 0;
    const onConnectionShed = () => {
      shed += 1;
    };
    const { port, server } = await start({ maxConnections: 3, onConnectionShed });
    const unused = await Promise.all([connected(port), connected(port), connected(port)]);
    await until(async () => (await count(server)) === 3, 'three connections');
    const closed = unused.map(untilClosed);
    assert.equal(await get(port), '0');
    assert.equal(await Promise.race(closed), '');
    assert.equal(shed, 1);
  });

  test('an unfinished body makes room, a request that is being answered does not', async () => {
    const { port, release } = await start({ maxConnections: 3 });
    const held = get(port, '/hold');
    const unfinished = await connected(port);
    unfinished.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345');
    const cut = untilClosed(unfinished);
    // One after the other: each takes the last place.
    for (let at = 0; at < 5; at += 1) assert.equal(await get(port), '0');
    const more = await Promise.all([connected(port), connected(port), connected(port)]);
    assert.equal(await cut, '');
    release();
    assert.equal(await held, '0');
    for (const socket of more) socket.destroy();
  });

  test('if every connection has a request that is being answered, the newcomer is closed', async () => {
    const { port, server, release } = await start({ maxConnections: 2 });
    const arrivals = once(server, 'request').then(() => once(server, 'request'));
    const held = [get(port, '/hold'), get(port, '/hold')];
    await arrivals;
    await assert.rejects(get(port), { code: 'ECONNRESET' });
    release();
    assert.deepEqual(await Promise.all(held), ['0', '0']);
  });

  test('strangers that connect again and again do not keep out a client that sends its request', async () => {
    const { port } = await start({ maxConnections: 8 });
    const strangers = new Set<Socket>();
    let stopped = false;
    const flood = Array.from({ length: 4 }, async () => {
      while (!stopped) strangers.add(await connected(port));
    });
    for (let at = 0; at < 20; at += 1) assert.equal(await get(port), '0');
    stopped = true;
    await Promise.all(flood);
    assert.ok(strangers.size > 8, `${strangers.size} strangers`);
    for (const socket of strangers) socket.destroy();
  });
});

function count(server: WebServer): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, connections) => (error ? reject(error) : resolve(connections))),
  );
}

describe('a body that is too large', () => {
  for (const over of ['http', 'tls'] as const) {
    test(`is refused so that a client that sends all of it first can read the answer, over ${over}`, async () => {
      const { port } = await start({}, over);
      const socket =
        over === 'tls'
          ? connectTls({ host: '127.0.0.1', port, ca: authority.cert })
          : connect(port, '127.0.0.1');
      await once(socket, over === 'tls' ? 'secureConnect' : 'connect');
      const size = 8 * MEBIBYTE;
      // Nothing is read before everything is written, as by clients that know no more than one of both at a
      // time.
      socket.pause();
      socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
      await new Promise<void>((resolve, reject) =>
        socket.write(Buffer.alloc(size), (error) => (error ? reject(error) : resolve())),
      );
      const answer = untilClosed(socket);
      socket.resume();
      assert.match(await answer, /^HTTP\/1.1 413 .*too large\r\n0\r\n\r\n$/s);
    });
  }

  test('is not asked for with 100 Continue', async () => {
    const { port } = await start();
    const headers = { Expect: '100-continue', 'Content-Length': MEBIBYTE };
    const outgoing = request({ host: '127.0.0.1', port, method: 'POST', agent: false, headers });
    outgoing.on('continue', () => assert.fail('was told to send it')).on('error', () => {});
    outgoing.flushHeaders();
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    assert.deepEqual([incoming.statusCode, await text(incoming)], [413, 'too large']);
  });

  test('a smaller one is asked for with 100 Continue', async () => {
    const { port } = await start();
    const headers = { Expect: '100-continue', 'Content-Length': 5 };
    const outgoing = request({ host: '127.0.0.1', port, method: 'POST', agent: false, headers });
    outgoing.flushHeaders();
    await once(outgoing, 'continue');
    outgoing.end('12345');
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    assert.equal(await text(incoming), '5');
  });

  test('a client that goes on sending after the answer is cut off', { timeout: 10_000 }, async () => {
    const { port } = await start();
    const socket = await connected(port);
    socket.resume();
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MEBIBYTE), Buffer.from('\r\n')]);
    const write = () =>
      new Promise<boolean>((resolve) => {
        socket.write(chunk, (error) => resolve(!error));
      });
    let sent = 0;
    while (sent < 64 && !socket.destroyed && (await write())) sent += 1;
    // What the server drops, and what buffers of the kernel hold.
    assert.ok(sent < 40, `${sent} MiB were taken`);
  });
});
