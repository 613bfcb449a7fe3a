import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { drain, listen, listenShared } from './serve.ts';

/** Far longer than a test may take: whoever waits for it fails. */
const GRACE_MS = 30_000;
const limits = { timeout: 10_000 };

test(
  'a connection that has never sent a request holds up no drain, an answer in flight does',
  limits,
  async () => {
    const server = createServer(async (_request, response) => {
      // Not before the unused connection has gone: that one alone is cut.
      await unusedClosed;
      response.end('answered');
    });
    const port = await listen(server, 0, '127.0.0.1');
    const unusedClosed = closedByServer(await connected(connect(port, '127.0.0.1')));
    const outgoing = request({ port, host: '127.0.0.1' }).end();
    await once(server, 'request');

    const drained = drain(server, GRACE_MS);
    const [incoming] = await once(outgoing, 'response');
    assert.equal(await text(incoming), 'answered');
    assert.equal(incoming.headers.connection, 'close');
    await drained;
  },
);

test(
  'over TLS: neither an unused connection nor one without its handshake holds up a drain',
  limits,
  async () => {
    const authority = await createAuthority('test');
    const server = createTlsServer(await authority.issue(['127.0.0.1']), (_request, response) =>
      response.end(),
    );
    const port = await listen(server, 0, '127.0.0.1');
    const unused = connectTls({ host: '127.0.0.1', port, ca: authority.cert });
    await once(unused, 'secureConnect');
    const silent = await connected(connect(port, '127.0.0.1'));
    const closed = Promise.all([closedByServer(unused), closedByServer(silent)]);
    await drain(server, GRACE_MS);
    await closed;
  },
);

test('after the grace period a request in flight is cut', limits, async () => {
  const server = createServer(() => {});
  const port = await listen(server, 0, '127.0.0.1');
  const outgoing = request({ port, host: '127.0.0.1' }).end();
  const cut = once(outgoing, 'error');
  await once(server, 'request');
  await drain(server, 0);
  assert.equal((await cut)[0].code, 'ECONNRESET');
});

async function connected(socket: Socket): Promise<Socket> {
  await once(socket, 'connect');
  return socket;
}

function closedByServer(socket: Socket): Promise<unknown> {
  socket.resume();
  return new Promise((resolve) => {
    socket.on('error', () => {}).on('close', resolve);
  });
}

/** Opens connections; exits with 0 when all are open, long before the kernel tries one a second time. */
const CONNECT_MANY = `
  const { connect } = require('node:net');
  let left = 2_000;
  for (let count = left; count > 0; count -= 1) {
    const socket = connect(Number(process.argv[1]), '127.0.0.1', () => {
      left -= 1;
      if (left === 0) process.exit(0);
    });
    socket.on('error', () => process.exit(2));
  }
`;
const KERNEL_LIMIT = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));

test('thousands of connections wait for a shared server that is busy', {
  ...limits,
  skip: KERNEL_LIMIT < 2_000 && 'the kernel lets fewer connections wait',
}, async () => {
  const server = createServer();
  const port = await listenShared(server, 0, '127.0.0.1');
  // This process accepts none meanwhile.
  const { status } = spawnSync(process.execPath, ['-e', CONNECT_MANY, String(port)], { timeout: 8_000 });
  assert.equal(status, 0);
  await drain(server, 0);
});
