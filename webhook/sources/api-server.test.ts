import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type ApiClient, createApiClient } from '../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { PodroleError } from '../../lib/errors.ts';
import { type KubernetesPeer, startKubernetesPeer } from '../../testing/kubernetes-peer.ts';
import { until } from '../../testing/until.ts';
import type { LookupResult } from '../metrics.ts';
import type { ServiceAccountFacts, ServiceAccountSource } from '../service-accounts.ts';
import { ByName } from '../watch/by-name.ts';
import { WatchedStore } from '../watch/watched-store.ts';
import { apiServerSource } from './api-server.ts';

const ROLE = 'eks.amazonaws.com/role-arn';

let peer: KubernetesPeer;
let client: ApiClient;
let store: WatchedStore<ServiceAccountFacts>;
let results: LookupResult[];

beforeEach(async () => {
  peer = await startKubernetesPeer();
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

test('what the watch knows is not asked for; what it does not know is asked for once and then known', async () => {
  const find = source('miss');
  peer.put(account('one'));
  assert.equal(roleOf(await find.find('shop', 'web')), 'one');
  assert.equal(roleOf(await find.find('shop', 'web')), 'one');
  assert.equal(peer.requests.length, 1);
  assert.deepEqual(results, ['found']);
});

test('a look-up that gets no answer is made once more, on another connection', async () => {
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

test('with --live-lookup=always nobody is answered from before they asked, and those who wait share', async () => {
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
  const troubles: [name: string, trouble: ReturnType<KubernetesPeer['trouble']>, code: string][] = [
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

test('one that does not exist is certainly none, at once or after the grace period', async () => {
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
