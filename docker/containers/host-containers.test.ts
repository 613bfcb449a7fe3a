import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, test } from 'node:test';
import { systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { type DaemonServer, startDaemonServer } from '../../testing/docker/daemon-server.ts';
import { DOCKER } from '../../testing/docker/recorded.ts';
import { waitFor } from '../../testing/wait-for.ts';
import { createDaemon } from '../api/daemon.ts';
import { createDaemonClient } from '../api/daemon-client.ts';
import { openHostContainers } from './host-containers.ts';

const [ONE, TWO] = ['1'.repeat(64), '2'.repeat(64)];
const TIMING = { pingEveryMs: 20, backoff: { firstMs: 1, longestMs: 10 } };

let server: DaemonServer;
/** Open requests for events. */
let followers: ServerResponse[] = [];

before(async () => {
  server = await startDaemonServer();
  server.answers.set('/v1.41/events', (_, response) => {
    response.write('\n');
    followers.push(response);
  });
});
after(() => server.close());

/** Lets the daemon answer with these containers from now on. */
function runs(...containers: readonly { readonly id: string; readonly name: string }[]): void {
  server.answers.set('/v1.41/containers/json', { body: containers.map(({ id }) => ({ Id: id })) });
  for (const id of [ONE, TWO]) server.answers.delete(`/v1.41/containers/${id}/json`);
  for (const { id, name } of containers) {
    const body = { ...DOCKER.container, Id: id, Name: `/${name}` };
    server.answers.set(`/v1.41/containers/${id}/json`, { body });
  }
}

function happens(action: string, id: string): void {
  const event = { Type: 'container', Action: action, Actor: { ID: id, Attributes: {} } };
  for (const follower of followers) follower.write(`${JSON.stringify(event)}\n`);
}

async function follow() {
  followers = [];
  const client = createDaemonClient({ socketPath: server.socketPath, timeoutMs: 500 });
  const containers = openHostContainers({
    daemon: createDaemon(client),
    clock: systemClock,
    random: () => 0.5,
    logger: createLogger('error', { write: () => {} }),
    timing: TIMING,
  });
  const gone: string[] = [];
  containers.onGone((id) => gone.push(id));
  const names = () => [...containers.containers()].map(({ name }) => name).sort();
  const end = async () => {
    await containers.close();
    client.close();
  };
  const has = (...expected: string[]) =>
    waitFor(() => containers.isFollowing && names().join() === expected.join(), `containers ${expected}`);
  return { containers, gone, has, end };
}

test('containers come, change and end by events', async () => {
  runs({ id: ONE, name: 'one' });
  const { containers, gone, has, end } = await follow();
  await has('one');
  runs({ id: ONE, name: 'uno' }, { id: TWO, name: 'two' });
  happens('start', TWO);
  happens('rename', ONE);
  await has('two', 'uno');
  let changes = 0;
  const deafen = containers.onChange(() => {
    changes += 1;
  });
  happens('die', TWO);
  await has('uno');
  assert.deepEqual(gone, [TWO]);
  assert.ok(changes > 0 && containers.isSynced && containers.newsAgeMs !== undefined);
  assert.equal(containers.byId(TWO), undefined);
  assert.equal(containers.byId(ONE)?.name, 'uno');
  deafen();
  await end();
});

test('what ends while the daemon is away is reported when it is back', async () => {
  runs({ id: ONE, name: 'one' }, { id: TWO, name: 'two' });
  const { containers, gone, has, end } = await follow();
  await has('one', 'two');
  await server.stop();
  await waitFor(() => !containers.isFollowing, 'the end of the events');
  assert.ok(containers.byId(ONE), 'still known');
  assert.deepEqual(gone, []);
  runs({ id: TWO, name: 'two' });
  await server.start();
  await has('two');
  assert.deepEqual(gone, [ONE]);
  await end();
});

test('a daemon that does not answer any more is followed again', async () => {
  runs({ id: ONE, name: 'one' });
  const { has, end } = await follow();
  await has('one');
  const ping = server.answers.get('/_ping') ?? assert.fail('an answer');
  server.answers.set('/_ping', () => {});
  await waitFor(() => followers[0]?.destroyed, 'the end of the first events');
  server.answers.set('/_ping', ping);
  await waitFor(() => followers.length > 1, 'a second request for events');
  await has('one');
  await end();
});

test('a container that starts slowly holds up no other', async () => {
  runs({ id: ONE, name: 'one' }, { id: TWO, name: 'two' });
  const path = `/v1.41/containers/${ONE}/json`;
  const answer = server.answers.get(path) ?? assert.fail('an answer');
  const waiting: ServerResponse[] = [];
  server.answers.set(path, (_, response) => void waiting.push(response));
  const { has, end } = await follow();
  await has('two');
  await waitFor(() => waiting.length > 1, 'a second question about the slow one');
  server.answers.set(path, answer);
  await has('one', 'two');
  await end();
});

test('many containers are read 16 at a time, and those that cannot be read hold up none', async () => {
  const ids = Array.from({ length: 100 }, (_, at) => at.toString(16).padStart(64, '0'));
  const held: (() => void)[] = [];
  let isHeld = true;
  server.answers.set('/v1.41/containers/json', { body: ids.map((Id) => ({ Id })) });
  for (const [at, id] of ids.entries()) {
    const body = at < 20 ? 'no JSON' : JSON.stringify({ ...DOCKER.container, Id: id, Name: `/${at}` });
    server.answers.set(`/v1.41/containers/${id}/json`, (_, response) => {
      if (isHeld) held.push(() => response.end(body));
      else response.end(body);
    });
  }
  const { containers, end } = await follow();
  const pings = () => server.asked.filter((path) => path === '/_ping').length;
  await waitFor(() => held.length >= 16, 'the first ones are asked about');
  const before = pings();
  await waitFor(() => pings() > before + 1, 'questions that came later have arrived');
  assert.equal(held.length, 16);
  isHeld = false;
  for (const answer of held) answer();
  await waitFor(() => [...containers.containers()].length === 80, 'all of them are known');
  await end();
  for (const id of ids) server.answers.delete(`/v1.41/containers/${id}/json`);
});
