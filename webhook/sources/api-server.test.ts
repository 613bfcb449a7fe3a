import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { ServiceAccountFacts, ServiceAccountSource } from '../../identity/service-accounts.ts';
import { type ApiClient, createApiClient } from '../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { ByName } from '../../kubernetes/watch/by-name.ts';
import { WatchedStore } from '../../kubernetes/watch/watched-store.ts';
import { systemClock } from '../../lib/clock.ts';
import { PodroleError } from '../../lib/errors.ts';
import { type FakeCluster, startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { until } from '../../testing/until.ts';
import type { LookupResult } from '../metrics.ts';
import { apiServerSource } from './api-server.ts';

const ROLE = 'eks.amazonaws.com/role-arn';

let peer: FakeCluster;
let client: ApiClient;
let store: WatchedStore<ServiceAccountFacts>;
let results: LookupResult[];

beforeEach(async () => {
  peer = await startFakeCluster();
  client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: peer.url }, {}));
  store = new WatchedStore();
  // The watch has listed the peer as it begins: empty.
  store.replace(new ByName(), '100');
  results = [];
});

afterEach(async () => {
  client.close();
  await peer.stop();
});

function source(liveLookup: 'miss' | 'always', gracePeriodMs = 0): ServiceAccountSource {
  return apiServerSource({
    client,
    store,
    annotationPrefix: 'eks.amazonaws.com',
    liveLookup,
    gracePeriodMs,
    signal: new AbortController().signal,
    clock: systemClock,
    lookedUp: (result) => results.push(result),
  });
}

const account = (role: string) => ({
  metadata: { namespace: 'shop', name: 'web', annotations: { [ROLE]: role } },
});
const roleOf = (found: ServiceAccountFacts | undefined) => found?.annotations[ROLE];

/** Holds back the answers to look-ups, which have read by then what they will answer. */
function holdAnswers(): () => void {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  peer.beforeAnswer = () => released;
  return () => {
    peer.beforeAnswer = async () => {};
    release();
  };
}

test('a ServiceAccount is looked up only if the watch does not know it, and then known', async () => {
  const find = source('miss');
  peer.put(account('one'));
  assert.equal(roleOf(await find.find('shop', 'web')), 'one');
  assert.equal(roleOf(await find.find('shop', 'web')), 'one');
  assert.equal(peer.requests.length, 1);
  assert.deepEqual(results, ['found']);
});

test('a look-up without an answer is repeated once, on another connection', async () => {
  const find = source('miss');
  peer.put(account('one'));
  await find.find('shop', 'other');
  peer.trouble = () => (peer.requests.length === 2 ? 'silence' : undefined);
  assert.equal(roleOf(await find.find('shop', 'web')), 'one');
  assert.equal(peer.requests.length, 3);
  assert.equal(peer.connections(), 2);
});

test('requests for the same unknown ServiceAccount share one look-up', async () => {
  const find = source('miss');
  peer.put(account('one'));
  const release = holdAnswers();
  const asked = Array.from({ length: 50 }, () => find.find('shop', 'web'));
  await peer.requested(() => true);
  release();
  assert.deepEqual(new Set((await Promise.all(asked)).map(roleOf)), new Set(['one']));
  assert.equal(peer.requests.length, 1);
});

test('an answer of "none" that was read before a request came does not count for it', async () => {
  const find = source('miss');
  const release = holdAnswers();
  const early = find.find('shop', 'web');
  await peer.requested(() => true);
  peer.put(account('made in between'));
  const late = [find.find('shop', 'web'), find.find('shop', 'web')];
  release();
  assert.equal(await early, undefined);
  assert.deepEqual((await Promise.all(late)).map(roleOf), ['made in between', 'made in between']);
  assert.equal(peer.requests.length, 2);
});

test('with --live-lookup=always no answer is older than its request; those who wait share one', async () => {
  const find = source('always');
  peer.put(account('one'));
  assert.equal(roleOf(await find.find('shop', 'web')), 'one');
  const release = holdAnswers();
  const early = find.find('shop', 'web');
  await peer.requested(() => true, 2);
  peer.put(account('two'));
  const late = Array.from({ length: 20 }, () => find.find('shop', 'web'));
  release();
  assert.equal(roleOf(await early), 'one');
  assert.deepEqual(new Set((await Promise.all(late)).map(roleOf)), new Set(['two']));
  assert.equal(peer.requests.length, 3);
});

test('a look-up that fails is an error, and is not remembered', async () => {
  const troubles: [name: string, trouble: ReturnType<FakeCluster['trouble']>, code: string][] = [
    ['refused', { status: 403, message: 'not allowed' }, 'LOOKUP_FAILED'],
    ['faulty', { status: 500, message: 'etcd is away' }, 'LOOKUP_FAILED'],
    ['no answer in time', 'silence', 'API_UNREACHABLE'],
  ];
  const find = source('miss');
  for (const [name, trouble, code] of troubles) {
    peer.trouble = () => trouble;
    await assert.rejects(
      find.find('shop', 'web'),
      (thrown) => thrown instanceof PodroleError && thrown.code === code,
      name,
    );
  }
  peer.trouble = () => undefined;
  peer.put(account('one'));
  assert.equal(roleOf(await find.find('shop', 'web')), 'one');
  assert.deepEqual(results, ['failed', 'failed', 'failed', 'found']);
});

test('a ServiceAccount that does not exist is "none", at once or after the grace period', async () => {
  assert.equal(await source('miss').find('shop', 'web'), undefined);
  assert.equal(await source('miss', 20).find('shop', 'web'), undefined);
  assert.deepEqual(results, ['absent', 'absent']);
});

test('within the grace period the watch may still bring it', async () => {
  const asked = source('miss', 5_000).find('shop', 'web');
  await until(() => results.length === 1, 'looked up');
  store.put({ namespace: 'shop', name: 'web', annotations: { [ROLE]: 'late' }, resourceVersion: '200' });
  assert.equal(roleOf(await asked), 'late');
});

/** Asks for each of these, and lets nothing be answered until as many are under way as may be. */
async function flood(
  find: ServiceAccountSource,
  names: readonly (readonly [namespace: string, name: string])[],
) {
  const before = peer.requests.length;
  const release = holdAnswers();
  const asked = names.map(([namespace, name]) =>
    find.find(namespace, name).then(
      () => 'none',
      (thrown: unknown) => (thrown instanceof PodroleError ? thrown.code : 'unknown'),
    ),
  );
  await peer.requested(() => true, before + AT_ONCE);
  return { release, answers: Promise.all(asked) };
}
const AT_ONCE = 32;
const madeUp = (count: number, namespaces: number) =>
  Array.from({ length: count }, (_, at) => [`made-up-${at % namespaces}`, `name-${at}`] as const);

test('made-up ServiceAccounts are looked up a few at once; a full queue is an error', async () => {
  for (const namespaces of [1, 500, 2_000]) {
    const before = peer.requests.length;
    const most = peer.connections();
    const { release, answers } = await flood(source('miss'), madeUp(2_000, namespaces));
    assert.equal(peer.requests.length - before, AT_ONCE);
    release();
    const counts = Object.groupBy(await answers, (answer) => answer);
    assert.equal((counts['none']?.length ?? 0) + (counts['LOOKUP_REFUSED']?.length ?? 0), 2_000);
    assert.equal(counts['none']?.length, peer.requests.length - before);
    assert.ok(peer.connections() - most <= AT_ONCE, `${peer.connections()} connections`);
  }
  assert.ok(results.includes('refused'));
});

test('a flood of one namespace, or of made-up ones, does not keep another from its look-up', async () => {
  store.put({ namespace: 'shop', name: 'default', annotations: {}, resourceVersion: '98' });
  store.put({ namespace: 'tenant', name: 'default', annotations: {}, resourceVersion: '99' });
  const floods = [madeUp(2_000, 2_000), madeUp(2_000, 1).map(([, name]) => ['tenant', name] as const)];
  for (const [at, names] of floods.entries()) {
    const name = `new-${at}`;
    peer.put({ metadata: { namespace: 'shop', name, annotations: { [ROLE]: 'one' } } });
    const find = source('miss');
    const { release, answers } = await flood(find, names);
    const honest = find.find('shop', name);
    const before = peer.requests.length;
    release();
    assert.equal(roleOf(await honest), 'one');
    const place = peer.requests.slice(before).findIndex(({ pathname }) => pathname.endsWith(`/${name}`));
    assert.ok(place >= 0 && place <= 2, `was asked for after ${place} others`);
    await answers;
  }
});

test('in a flood, a name that did not exist a moment ago is refused without a look-up', async () => {
  const find = source('miss');
  assert.equal(await find.find('shop', 'web'), undefined);
  const { release, answers } = await flood(find, madeUp(AT_ONCE, 1));
  const before = peer.requests.length;
  await assert.rejects(find.find('shop', 'web'), { code: 'LOOKUP_REFUSED' });
  assert.equal(peer.requests.length, before);
  store.put({
    namespace: 'shop',
    name: 'web',
    annotations: { [ROLE]: 'made since' },
    resourceVersion: '200',
  });
  assert.equal(roleOf(await find.find('shop', 'web')), 'made since');
  release();
  await answers;
  peer.put({ metadata: { namespace: 'shop', name: 'other', annotations: { [ROLE]: 'one' } } });
  assert.equal(await find.find('shop', 'none'), undefined);
  assert.equal(await find.find('shop', 'none'), undefined, 'asked for again once there is room');
  assert.equal(peer.requests.filter(({ pathname }) => pathname.endsWith('/none')).length, 2);
});

test('a name that no object can have does not exist, and never becomes part of a path', async () => {
  const find = source('miss');
  for (const name of ['..', '.', '', 'a/b', 'A', 'a?b', '-a', `a${'b'.repeat(1_000_000)}`]) {
    assert.equal(await find.find('shop', name), undefined, name.slice(0, 10));
    assert.equal(await find.find(name, 'web'), undefined, name.slice(0, 10));
  }
  assert.equal(peer.requests.length, 0);
});

test('a ServiceAccount full of data is looked up like any other, and only what matters is kept', async () => {
  const { metadata } = account('one');
  const filled = { ...metadata.annotations, 'podrole.dev/x': 'x'.repeat(250_000) };
  peer.put({ metadata: { ...metadata, annotations: filled }, data: { x: 'x'.repeat(1_500_000) } });
  assert.deepEqual((await source('miss').find('shop', 'web'))?.annotations, metadata.annotations);
});

test('if the store may have left one out, unknown ServiceAccounts are looked up for each pod', async () => {
  store = new WatchedStore({ weigh: ({ name }) => name.length, maxBytes: 20 });
  const find = source('miss');
  peer.put(account('one'));
  peer.put({ metadata: { ...account('two').metadata, name: 'long-name' } });
  store.put({ namespace: 'shop', name: 'long-name', annotations: {}, resourceVersion: '300' });
  assert.equal(store.leftOut, 1);
  for (let pod = 0; pod < 3; pod += 1) {
    assert.equal(roleOf(await find.find('shop', 'web')), 'one');
    assert.equal(roleOf(await find.find('shop', 'long-name')), 'two');
  }
  assert.equal(peer.requests.length, 6);
});
