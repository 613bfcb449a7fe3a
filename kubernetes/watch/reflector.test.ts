import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type ServiceAccountFacts, toServiceAccountFacts } from '../../identity/service-accounts.ts';
import { systemClock } from '../../lib/clock.ts';
import type { ReceivedRequest } from '../../testing/kubernetes/fake-api-server.ts';
import { type FakeCluster, startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { refuseStreamingLists } from '../../testing/kubernetes/watched-objects.ts';
import { type CollectedLog, collectLog } from '../../testing/processes/collected-log.ts';
import { until } from '../../testing/until.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import { type ApiClient, createApiClient } from '../api-client.ts';
import { loadKubeConfig } from '../kube-config.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';
import { WatchedStore } from './watched-store.ts';

const TIMING = {
  requestSeconds: 60,
  silenceMs: 2_000,
  listSilenceMs: 300,
  backoff: { firstMs: 10, longestMs: 80 },
};
const ROLE = 'eks.amazonaws.com/role-arn';

let peer: FakeCluster;
let client: ApiClient;
let log: CollectedLog;
let store: WatchedStore<ServiceAccountFacts>;
let reflector: Reflector<ServiceAccountFacts>;
let lists: number;

beforeEach(async () => {
  peer = await startFakeCluster();
  client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: peer.url }, {}));
  log = collectLog();
  store = new WatchedStore();
  lists = 0;
  peer.put(account('web', 'one'));
  peer.put(account('idle'));
});

afterEach(async () => {
  await reflector.stop();
  client.close();
  await peer.stop();
});

type World = Pick<ReflectorOptions<ServiceAccountFacts>, 'client' | 'clock'>;

function start(timing: Partial<typeof TIMING> = {}, world: Partial<World> = {}): void {
  reflector = new Reflector({
    resource: { name: 'serviceaccounts', path: '/api/v1/serviceaccounts' },
    store,
    keep: (object) => toServiceAccountFacts(object, 'eks.amazonaws.com'),
    timing: { ...TIMING, ...timing },
    logger: log.logger,
    random: () => 0,
    ...{ client, clock: systemClock, ...world },
    onWatch: () => {},
    onList: () => {
      lists += 1;
    },
  });
  reflector.start();
}

function account(name: string, role?: string) {
  return { metadata: { namespace: 'shop', name, ...(role ? { annotations: { [ROLE]: role } } : {}) } };
}

const roleOf = (name: string) => store.get('shop', name)?.annotations[ROLE];
const holdsRole = (name: string, role: string | undefined) =>
  until(() => roleOf(name) === role, `${name} has ${role}`);
const isWatch = ({ searchParams }: ReceivedRequest) =>
  searchParams.get('watch') === 'true' && !searchParams.has('sendInitialEvents');
const isPage = ({ searchParams }: ReceivedRequest) => searchParams.has('limit');

test('the store holds the initial events of a stream once their end is marked, then the changes', async () => {
  start();
  await until(() => reflector.synced, 'synced');
  assert.deepEqual([store.size, roleOf('web')], [2, 'one']);
  await peer.requested(isWatch);
  peer.put(account('web', 'two'));
  peer.put(account('new', 'three'));
  peer.remove('shop', 'idle');
  await holdsRole('web', 'two');
  await holdsRole('new', 'three');
  await until(() => store.get('shop', 'idle') === undefined, 'idle is gone');
  assert.equal(lists, 1);
});

test('without streaming lists the state is listed in pages', async () => {
  peer.trouble = refuseStreamingLists;
  for (let index = 0; index < 1_201; index += 1) peer.put(account(`many-${index}`));
  start();
  await until(() => reflector.synced, 'synced');
  assert.equal(store.size, 1_203);
  assert.equal(peer.requests.filter(isPage).length, 3);
});

test('an API server that ignores the parameters of a streaming list is listed in pages', async () => {
  peer.trouble = (url) => (url.searchParams.has('sendInitialEvents') ? 'silence' : undefined);
  start();
  await until(() => reflector.synced, 'synced');
  assert.equal(store.size, 2);
});

const full = (name: string, role?: string) => {
  const { metadata } = account(name, role);
  return {
    metadata: { ...metadata, annotations: { ...metadata.annotations, 'podrole.dev/x': 'x'.repeat(250_000) } },
  };
};

for (const streams of [true, false]) {
  test(`large objects are read, and little of them is kept: ${streams ? 'streamed' : 'in pages'}`, async () => {
    if (!streams) peer.trouble = refuseStreamingLists;
    for (let index = 0; index < 60; index += 1) peer.put(full(`full-${index}`));
    peer.put(full('web', 'two'));
    start();
    await until(() => reflector.synced, 'synced');
    assert.deepEqual([store.size, roleOf('web')], [62, 'two']);
    assert.deepEqual(store.get('shop', 'full-59')?.annotations, {});
    await peer.requested(isWatch);
    for (let index = 0; index < 60; index += 1) peer.put(full(`full-${index}`));
    peer.put(full('web', 'three'));
    await holdsRole('web', 'three');
    assert.equal(lists, 1);
  });
}

test('more objects than fit are logged once, and the others are kept', async () => {
  store = new WatchedStore({ weigh: () => 1, maxBytes: 40 });
  for (let index = 0; index < 30; index += 1) peer.put(account(`many-${index}`));
  start();
  await until(() => reflector.synced, 'synced');
  assert.deepEqual([store.size, store.leftOut], [10, 22]);
  await peer.requested(isWatch);
  peer.put(account('another'));
  peer.remove('shop', 'web');
  await until(() => store.get('shop', 'web') === undefined, 'web is gone');
  assert.equal(log.text().split('more objects than fit into memory').length, 2);
});

test('a list keeps the held objects that have not changed', async () => {
  start();
  await peer.requested(isWatch);
  const held = store.get('shop', 'web');
  peer.endWatches('cut');
  peer.compact();
  await until(() => lists === 2, 'listed again');
  await peer.requested(isWatch, 3);
  assert.equal(store.get('shop', 'web'), held);
});

test('a watch that ends or breaks resumes from the last version, without a new list', async () => {
  start();
  for (const [at, how] of (['end', 'cut', 'end'] as const).entries()) {
    await peer.requested(isWatch, at + 1);
    peer.put(account('web', how + at));
    await holdsRole('web', how + at);
    peer.endWatches(how);
    peer.put(account('web', `missed-${at}`));
    await holdsRole('web', `missed-${at}`);
  }
  assert.equal(lists, 1);
});

test('a bookmark moves the version to resume from', async () => {
  start();
  await peer.requested(isWatch);
  peer.compact();
  peer.bookmark();
  peer.endWatches('end');
  const resumed = await peer.requested(isWatch, 2);
  assert.equal(resumed.searchParams.get('resourceVersion'), '103');
  assert.equal(lists, 1);
});

for (const how of ['ERROR event', 'status'] as const) {
  test(`a version that is gone, as ${how}, leads to a new list without the deleted objects`, async () => {
    start();
    await peer.requested(isWatch);
    peer.endWatches('cut');
    peer.remove('shop', 'idle');
    peer.compact();
    peer.trouble = (url) => {
      if (how === 'ERROR event' || !isWatch(url) || lists > 1) return undefined;
      return { status: 410, message: 'too old resource version' };
    };
    await until(() => lists === 2 && store.get('shop', 'idle') === undefined, 'listed again');
    assert.equal(roleOf('web'), 'one');
  });
}

test('a watch that falls silent is given up and resumed', async () => {
  start({ silenceMs: 150 });
  await peer.requested(isWatch);
  await peer.requested(isWatch, 2);
  peer.put(account('web', 'after the silence'));
  await holdsRole('web', 'after the silence');
  assert.match(log.text(), /API_SILENT/);
  assert.equal(lists, 1);
});

test('after a refusal the API server is asked again, and the log says what is missing', async () => {
  peer.trouble = () => ({ status: 403, message: 'User "x" cannot list resource "serviceaccounts"' });
  start({ backoff: { firstMs: 20, longestMs: 5_000 } });
  await peer.requested(() => true, 4);
  assert.equal(reflector.synced, false);
  assert.match(log.text(), /"level":"error".*cannot list resource.*get, list, watch on serviceaccounts/);
  peer.trouble = () => undefined;
  await until(() => reflector.synced, 'synced once it is allowed');
});

test('attempts that bring nothing come ever more slowly', async () => {
  const time = createVirtualTime();
  const begunMs: number[] = [];
  const refusing: ApiClient = {
    ...client,
    stream: async () => {
      begunMs.push(time.nowMs());
      return { status: 500, body: { message: 'etcd is away' } };
    },
  };
  start({ backoff: { firstMs: 20, longestMs: 80 } }, { client: refusing, clock: time.clock() });
  await time.pass(150);
  // Jitter of 0 halves the waits of 20, 40, 80, 80 and 80 ms.
  assert.deepEqual(begunMs, [0, 10, 30, 70, 110, 150]);
});

test('stopping ends a wait at once', async () => {
  const time = createVirtualTime();
  let attempts = 0;
  const refusing: ApiClient = {
    ...client,
    stream: async () => {
      attempts += 1;
      return { status: 500, body: undefined };
    },
  };
  start({}, { client: refusing, clock: time.clock() });
  await time.pass(0);
  await reflector.stop();
  await time.pass(60_000);
  assert.equal(attempts, 1);
});

test('a line that is not an event does not end the reflector', async () => {
  start();
  await peer.requested(isWatch);
  peer.send({ type: 'NONSENSE', object: {} });
  peer.put(account('web', 'later'));
  await holdsRole('web', 'later');
});

test('stopping ends an open watch at once', async () => {
  start();
  await peer.requested(isWatch);
  await reflector.stop();
  const before = peer.requests.length;
  peer.put(account('web', 'unseen'));
  assert.equal(roleOf('web'), 'one');
  assert.equal(peer.requests.length, before);
});
