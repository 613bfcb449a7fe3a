import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { test } from 'node:test';
import { messageOf } from './errors.ts';
import { listen } from './http/serve.ts';

async function failureOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (thrown) {
    return messageOf(thrown);
  }
  return 'no error';
}

const FILES: readonly (readonly [what: string, action: () => unknown, words: string])[] = [
  ['a missing file', () => readFileSync('/none/x'), 'does not exist'],
  ['a folder', () => readFileSync('/'), 'is a directory'],
  ['a file as a folder', () => readFileSync('/dev/null/x'), 'is a path through a file that is not a folder'],
  ['a full disk', () => writeFileSync('/dev/full', 'x'), 'does not fit: the disk is full'],
  ['a name that is too long', () => readFileSync(`/${'x'.repeat(300)}`), 'has a name that is too long'],
];
for (const [what, action, words] of FILES) {
  test(`${what} is said in words`, async () => assert.equal(await failureOf(action), words));
}

test('a connection that fails is said in words, with its address', async () => {
  const free = createServer();
  const port = await listen(free, 0, '127.0.0.1');
  free.close();
  await assert.rejects(fetched(port, '127.0.0.1'), (thrown) => {
    assert.equal(messageOf(thrown), `127.0.0.1:${port} refuses connections`);
    return true;
  });
  const notHttp = createTcpServer((socket) => socket.end('SSH-2.0\r\n'));
  notHttp.listen(0, '127.0.0.1');
  const { port: other } = await new Promise<{ port: number }>((resolve) => {
    notHttp.once('listening', () => resolve(notHttp.address() as { port: number }));
  });
  try {
    const failure = await failureOf(() => requested(other));
    assert.equal(failure, 'the answer is not HTTP');
  } finally {
    notHttp.close();
  }
});

function fetched(port: number, host: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connect(port, host).once('error', reject).once('connect', resolve);
  });
}

async function requested(port: number): Promise<unknown> {
  const { get } = await import('node:http');
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1' }, resolve).once('error', reject);
  });
}

test('errors that Node builds for DNS, TLS and time limits are said in words', async () => {
  const errors: readonly (readonly [error: Error, words: string])[] = [
    [
      Object.assign(new Error('x'), { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'a.test' }),
      'the name a.test does not exist in DNS',
    ],
    [
      Object.assign(new Error('x'), { code: 'EAI_AGAIN', syscall: 'getaddrinfo', hostname: 'a.test' }),
      'the name a.test cannot be looked up: DNS does not answer',
    ],
    [
      Object.assign(new Error('x'), { code: 'ECONNREFUSED', syscall: 'connect', address: '::1', port: 1 }),
      '[::1]:1 refuses connections',
    ],
    [
      Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
      'the other side closed the connection before its answer',
    ],
    [
      Object.assign(new Error('x'), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' }),
      'the TLS handshake failed: tlsv1 alert protocol version',
    ],
    [AbortSignal.timeout(0).reason ?? new DOMException('x', 'TimeoutError'), 'no answer in time'],
    [Object.assign(new Error('kept'), { code: 'ERR_OF_A_LIBRARY' }), 'kept'],
  ];
  for (const [error, words] of errors) assert.equal(messageOf(error), words);
});
