import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { PodroleError } from '../../lib/errors.ts';
import { type DaemonServer, pong, startDaemonServer } from '../../testing/docker/daemon-server.ts';
import { DOCKER, PODMAN } from '../../testing/docker/recorded.ts';
import { createDaemon } from './daemon.ts';
import { createDaemonClient, type DaemonClient } from './daemon-client.ts';

const CONTAINER = `/v1.41/containers/${DOCKER.id}/json`;

let server: DaemonServer;
let client: DaemonClient;
before(async () => {
  server = await startDaemonServer();
});
beforeEach(() => {
  client = createDaemonClient({ socketPath: server.socketPath, timeoutMs: 500 });
});
after(() => server.close());

/** Code and text of the error. */
async function failureOf(work: Promise<unknown>): Promise<readonly [code: string, message: string]> {
  try {
    await work;
  } catch (thrown) {
    assert.ok(thrown instanceof PodroleError, String(thrown));
    return [thrown.code, thrown.message];
  }
  assert.fail('it must fail');
}

test('what Docker says', async () => {
  server.answers.set(CONTAINER, { body: DOCKER.container });
  server.answers.set('/v1.41/networks', { body: DOCKER.networks });
  server.answers.set(`/v1.41/networks/${DOCKER.networkId}`, { body: DOCKER.network });
  server.answers.set('/v1.41/containers/json', { body: DOCKER.list });
  const daemon = createDaemon(client);
  const { id, networkId, endpointId } = DOCKER;
  assert.deepEqual(await daemon.container(id), {
    id,
    name: 'one',
    image: 'busybox:1',
    labels: new Map([['podrole.dev/role-arn', 'arn:aws:iam::111122223333:role/one']]),
    environment: new Map([['IAM_ROLE', 'one']]),
    isRunning: true,
    pid: 193,
    networkMode: 'default',
    networkNamespace: '/var/run/docker/netns/1a2b3c4d5e6f',
    endpoints: [
      { networkId, networkName: 'bridge', endpointId, addresses: ['172.17.0.2'], mac: '02:42:ac:11:00:02' },
    ],
  });
  assert.deepEqual(
    (await daemon.networks()).map(({ name, bridge }) => [name, bridge]),
    [
      ['host', ''],
      ['bridge', 'docker0'],
      ['six', 'br-a5da3355f5cb'],
    ],
  );
  assert.deepEqual(await daemon.network(networkId), {
    id: networkId,
    endpoints: [
      { endpointId, containerId: id, addresses: ['172.17.0.2', 'fd09::2'], mac: '02:42:ac:11:00:02' },
      { endpointId: 'c0ffee', containerId: undefined, addresses: ['172.17.0.3'], mac: '02:42:ac:11:00:03' },
    ],
  });
  assert.deepEqual(await daemon.runningIds(), [id]);
  assert.equal(await daemon.container('../../networks'), undefined);
  assert.ok(server.asked.includes('/v1.41/containers/..%2F..%2Fnetworks/json'));
});

test('only labels and variables that decide about roles are kept, and the last of equal ones', async () => {
  const { Config } = DOCKER.container;
  const Labels = {
    'podrole.dev/role-arn': 'one',
    'Podrole.dev/role-arn': 'other case',
    'com.docker.compose.project': 'shop',
    'com.docker.compose.service': 'web',
    'megabytes of an image': 'x'.repeat(1024 * 1024),
    __proto__: 'x',
  };
  const policy = '{"Statement":[{"Resource":"a=b"}]}';
  const Env = [
    'IAM_ROLE=first',
    'SECRET=hush',
    'IAM_ROLE=last',
    'iam_role=x',
    `IAM_POLICY=${policy}`,
    'EMPTY',
  ];
  server.answers.set(CONTAINER, { body: { ...DOCKER.container, Config: { ...Config, Labels, Env } } });
  const found = await createDaemon(client).container(DOCKER.id);
  assert.deepEqual(
    [...(found?.labels ?? [])].map(([name]) => name),
    ['podrole.dev/role-arn', 'com.docker.compose.project', 'com.docker.compose.service'],
  );
  assert.deepEqual(
    [...(found?.environment ?? [])],
    [
      ['IAM_ROLE', 'last'],
      ['IAM_POLICY', policy],
    ],
  );
});

test('a container without processes does not run', async () => {
  const daemon = createDaemon(client);
  const { State } = DOCKER.container;
  const states = [
    { ...State, Running: false, Pid: 0 },
    { ...State, Restarting: true, Pid: 0 },
  ];
  for (const state of states) {
    server.answers.set(CONTAINER, { body: { ...DOCKER.container, State: state } });
    assert.equal((await daemon.container(DOCKER.id))?.isRunning, false);
  }
  server.answers.set(CONTAINER, { body: { ...DOCKER.container, State: { ...State, Paused: true } } });
  assert.equal((await daemon.container(DOCKER.id))?.isRunning, true);
});

test('the version is that of the daemon, up to the newest one that is known', async () => {
  const cases: [headers: Record<string, string>, path: string][] = [
    [{ 'Api-Version': '1.41' }, '/v1.41/networks'],
    [{ 'Api-Version': '1.52' }, '/v1.51/networks'],
    [PODMAN.ping, '/v4.3.1/libpod/networks/json'],
  ];
  for (const [headers, path] of cases) {
    server.answers.set('/_ping', pong(headers));
    const fresh = createDaemonClient({ socketPath: server.socketPath });
    await createDaemon(fresh).networks();
    assert.equal(server.asked.at(-1), path);
    fresh.close();
  }
  server.answers.set('/v4.3.1/libpod/networks/json', { body: PODMAN.networks });
  const networks = await createDaemon(client).networks();
  assert.deepEqual(
    networks.map(({ name, bridge }) => [name, bridge]),
    [
      ['podman', 'podman0'],
      ['mac', ''],
    ],
  );
  server.answers.set('/_ping', pong({}));
  const silent = createDaemonClient({ socketPath: server.socketPath });
  const [code, message] = await failureOf(createDaemon(silent).networks());
  assert.equal(code, 'DOCKER_REFUSED');
  assert.match(message, /does not say which API it speaks/);
  server.answers.set('/_ping', pong({ 'Api-Version': '1.41' }));
});

test('events, in any pieces', async () => {
  const text = DOCKER.events.map((event) => `${JSON.stringify(event)}\n`).join('\r\n');
  server.answers.set('/v1.41/events', (_, response) => {
    for (let at = 0; at < text.length; at += 7) response.write(text.slice(at, at + 7));
    response.end();
  });
  const actions: string[] = [];
  for await (const { action, containerId } of await createDaemon(client).events(
    new AbortController().signal,
  )) {
    assert.equal(containerId, DOCKER.id);
    actions.push(action);
  }
  assert.deepEqual(actions, ['start', 'connect', 'die']);
});

test('an answer that is not one of a daemon is an error that names it', async () => {
  const daemon = createDaemon(client);
  const cases: [answer: Parameters<typeof server.answers.set>[1], problem: RegExp][] = [
    [{ status: 500, body: { message: 'out of order' } }, /answered 500 to .*: out of order/],
    [{ status: 400, body: 'client version 1.41 is too old' }, /answered 400/],
    [{ body: { Id: 'x' } }, /sent an answer to .* that is not understood: unexpected Id/],
    [{ body: [] }, /is not understood: unexpected it/],
    [(_, response) => void response.end('<html>'), /that is not JSON/],
  ];
  for (const [answer, problem] of cases) {
    server.answers.set(CONTAINER, answer);
    const [code, message] = await failureOf(daemon.container(DOCKER.id));
    assert.equal(code, 'DOCKER_REFUSED');
    assert.match(message, problem);
    assert.ok(message.startsWith(`Docker daemon unix://${server.socketPath}: `), message);
  }
});

test('an error does not repeat the environment of a container', async () => {
  const { Config } = DOCKER.container;
  server.answers.set(CONTAINER, {
    body: { ...DOCKER.container, Config: { ...Config, Env: [{ SECRET: 'hush' }] } },
  });
  const [, message] = await failureOf(createDaemon(client).container(DOCKER.id));
  assert.match(message, /Config\.Env\.0/);
  assert.doesNotMatch(message, /hush/);
});

test('an error of an answer with any bytes is one short line that a terminal does not obey', async () => {
  const daemon = createDaemon(client);
  const wild = `\u001b]0;title\u0007\r\nok ${'x'.repeat(100_000)}`;
  const answers: Parameters<typeof server.answers.set>[1][] = [
    { status: 500, body: { message: wild } },
    { status: 500, body: wild },
    { body: { ...DOCKER.container, NetworkSettings: { Networks: { [wild]: 1 } } } },
  ];
  for (const answer of answers) {
    server.answers.set(CONTAINER, answer);
    const [, message] = await failureOf(daemon.container(DOCKER.id));
    assert.doesNotMatch(message, /\p{Cc}/u);
    assert.ok(message.length < 1_000, String(message.length));
  }
});

test('a daemon that is silent, breaks off or is not there', async () => {
  const daemon = createDaemon(client);
  server.answers.set(CONTAINER, () => {});
  assert.match((await failureOf(daemon.container(DOCKER.id)))[1], /does not answer: it takes too long/);
  server.answers.set(CONTAINER, (request, response) => {
    response.write('{');
    request.socket.destroySoon();
  });
  assert.equal((await failureOf(daemon.container(DOCKER.id)))[0], 'DOCKER_UNREACHABLE');
  await server.stop();
  const [code, message] = await failureOf(daemon.networks());
  assert.equal(code, 'DOCKER_UNREACHABLE');
  assert.match(message, /start the daemon, or name its socket with --docker-host/);
  await server.start();
  assert.deepEqual(await daemon.runningIds(), [DOCKER.id], 'it is back');
});
