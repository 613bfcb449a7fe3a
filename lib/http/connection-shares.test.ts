import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { drain, listen } from './serve.ts';
import { createWebServer } from './web-server.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];
after(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.map((server) => drain(server, 0)));
});

interface Shared {
  readonly port: number;
  /** Answers that were not sent yet. */
  readonly answers: (() => void)[];
  /** Requests that were parsed. */
  readonly parsed: () => number;
  readonly shed: () => number;
}

async function serve(inAll: number, perAddress: number, maxPipelined = 1_000): Promise<Shared> {
  const answers: (() => void)[] = [];
  let shed = 0;
  let parsed = 0;
  const server = createWebServer({
    listener: ({ url }, response) => {
      if (url === '/wait') answers.push(() => response.end('late'));
      else response.end('ok');
    },
    maxBodyBytes: 0,
    maxConnections: inAll,
    maxConnectionsPerAddress: perAddress,
    maxPipelined,
    onConnectionShed: () => {
      shed += 1;
    },
  });
  servers.push(server);
  server.on('request', () => {
    parsed += 1;
  });
  const port = await listen(server, 0, '127.0.0.1');
  return { port, answers, parsed: () => parsed, shed: () => shed };
}

async function open({ port }: Shared, localAddress: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  socket.setMaxListeners(0);
  socket.on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  socket.on('data', () => {});
  return socket;
}

async function answer(socket: Socket, path = '/'): Promise<string> {
  if (socket.destroyed) return 'closed';
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const [chunk] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => ['closed'])]);
  return String(chunk).includes('200 OK') ? 'ok' : 'closed';
}

const A = '127.0.0.21';
const B = '127.0.0.22';

test('at the limit of its address, a new connection replaces the oldest idle one of that address', async () => {
  const server = await serve(100, 2);
  const ofOther = await open(server, B);
  const first = await open(server, A);
  assert.equal(await answer(first), 'ok');
  const second = await open(server, A);
  assert.equal(await answer(second), 'ok');
  const ended = once(first, 'close');
  const third = await open(server, A);
  await ended;
  for (const socket of [second, third, ofOther]) assert.equal(await answer(socket), 'ok');
  assert.equal(server.shed(), 1);
});

test('an address whose connections are all being answered gets no further one, and others do', async () => {
  const server = await serve(100, 2);
  const busy = [await open(server, A), await open(server, A)];
  for (const socket of busy) socket.write('GET /wait HTTP/1.1\r\nHost: a\r\n\r\n');
  while (server.answers.length < 2) assert.equal(await answer(await open(server, B)), 'ok');
  assert.equal(await answer(await open(server, A)), 'closed');
  assert.equal(await answer(await open(server, B)), 'ok');
  const late = busy.map((socket) => once(socket, 'data'));
  for (const send of server.answers) send();
  for (const [chunk] of await Promise.all(late)) assert.match(String(chunk), /late/);
});

test('at the limit in all, the address with the most connections gives one up', async () => {
  const server = await serve(4, 3);
  const many = [await open(server, A), await open(server, A), await open(server, A)];
  for (const socket of many) assert.equal(await answer(socket), 'ok');
  const one = await open(server, B);
  const ended = once(many[0] ?? assert.fail(), 'close');
  const newcomer = await open(server, '127.0.0.23');
  await ended;
  for (const socket of [...many.slice(1), one, newcomer]) assert.equal(await answer(socket), 'ok');
});

test('at the limit in all, the address with the most gives one up that is being answered', async () => {
  const server = await serve(4, 3);
  const busy = [await open(server, A), await open(server, A), await open(server, A)];
  for (const socket of busy) socket.write('GET /wait HTTP/1.1\r\nHost: a\r\n\r\n');
  const one = await open(server, B);
  while (server.answers.length < 3) assert.equal(await answer(one), 'ok');
  const ended = once(busy[2] ?? assert.fail(), 'close');
  const newcomer = await open(server, '127.0.0.23');
  await ended;
  for (const socket of [one, newcomer]) assert.equal(await answer(socket), 'ok');
});

test('one connection from each of many addresses does not keep out the next address', async () => {
  const server = await serve(4, 3);
  const many: Socket[] = [];
  for (let at = 0; at < 4; at += 1) many.push(await open(server, `127.0.1.${at + 1}`));
  const ended = once(many[0] ?? assert.fail(), 'close');
  const newcomer = await open(server, A);
  await ended;
  for (const socket of [...many.slice(1), newcomer]) assert.equal(await answer(socket), 'ok');
  for (const socket of [...many.slice(1), newcomer]) {
    const seen = server.answers.length;
    socket.write('GET /wait HTTP/1.1\r\nHost: a\r\n\r\n');
    while (server.answers.length === seen) await new Promise(setImmediate);
  }
  assert.equal(await answer(await open(server, B)), 'closed', 'nobody has more than it');
});

test('a client that sends many requests before the first is answered is cut off', async () => {
  const server = await serve(10, 10, 3);
  const greedy = await open(server, A);
  const ended = once(greedy, 'close');
  greedy.write('GET /wait HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1_000));
  await ended;
  assert.equal(server.answers.length, 3);
  assert.equal(server.shed(), 1);
  assert.equal(server.parsed(), 4, 'the rest is not even parsed');
  const patient = await open(server, A);
  for (let count = 0; count < 10; count += 1) assert.equal(await answer(patient), 'ok');
});
