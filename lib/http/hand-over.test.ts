import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import { systemClock } from '../clock.ts';
import { codeOf } from '../errors.ts';
import { handOver } from './hand-over.ts';
import { drain, listen, listenShared } from './serve.ts';
import { createWebServer } from './web-server.ts';

const GRACE_MS = 30_000;
const servers: Server[] = [];
after(() => Promise.all(servers.map((server) => drain(server, 0))));

function serverOf(name: string, wait = Promise.resolve()): Server {
  const server = createWebServer({
    listener: async (_request, response) => {
      await wait;
      response.end(name);
    },
    maxBodyBytes: 0,
  });
  servers.push(server);
  return server;
}

async function ask(port: number, agent: Agent | false = false): Promise<string> {
  const [message] = await once(get({ host: '127.0.0.1', port, agent }), 'response');
  return text(message);
}

test('two servers share a port; a port that is not shared is refused', async () => {
  const [first, second] = [serverOf('first'), serverOf('second')];
  const port = await listenShared(first, 0, '127.0.0.1');
  await listenShared(second, port, '127.0.0.1');
  await assert.rejects(
    listen(serverOf('third'), port, '127.0.0.1'),
    (thrown) => codeOf(thrown) === 'LISTEN_FAILED',
  );
  const names = new Set<string>();
  while (names.size < 2) names.add(await ask(port));
});

test('clients that connect, and clients that keep connections, see no failure and end at the successor', async () => {
  const [first, second] = [serverOf('first'), serverOf('second')];
  const port = await listenShared(first, 0, '127.0.0.1');
  const agents = [false, new Agent({ keepAlive: true, maxSockets: 1 })] as const;
  for (const agent of agents) assert.equal(await ask(port, agent), 'first');
  await listenShared(second, port, '127.0.0.1');
  let isOver = false;
  const loops = agents.map(async (agent) => {
    while (!isOver) await ask(port, agent);
    return ask(port, agent);
  });
  await handOver(first, GRACE_MS, systemClock);
  isOver = true;
  assert.deepEqual(await Promise.all(loops), ['second', 'second']);
  agents[1].destroy();
});

test('an answer that takes long is awaited, and an idle connection is kept open for a moment', async () => {
  const time = createVirtualTime();
  const release = Promise.withResolvers<void>();
  const server = serverOf('late', release.promise);
  const port = await listenShared(server, 0, '127.0.0.1');
  const idle = connect(port, '127.0.0.1');
  await once(idle, 'connect');
  const asked = ask(port);
  await once(server, 'request');
  const over = handOver(server, GRACE_MS, time.clock());
  await time.pass(1_000);
  // The request of a client that had its connection before is still answered.
  idle.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(server, 'request');
  release.resolve();
  assert.equal(await asked, 'late');
  const [answer] = await once(idle, 'data');
  assert.match(String(answer), /200 OK[\s\S]*Connection: close/i);
  await over;
});
