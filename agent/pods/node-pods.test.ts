import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type ApiClient, createApiClient } from '../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { systemClock } from '../../lib/clock.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import { agentPod } from '../../testing/agent/pod-objects.ts';
import { type FakeCluster, startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { until } from '../../testing/until.ts';
import { type NodePods, openNodePods } from './node-pods.ts';

let peer: FakeCluster;
let client: ApiClient;
let pods: NodePods;
let lists: number;

beforeEach(async () => {
  peer = await startFakeCluster();
  client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: peer.url }, {}));
  lists = 0;
  put('web', 'uid-1');
  pods = openNodePods({
    client,
    nodeName: 'node-1',
    clock: systemClock,
    random: () => 0,
    logger: collectLog().logger,
    onList: () => {
      lists += 1;
    },
    pace: { burst: 100, everyMs: 10 },
  });
  await until(() => pods.isSynced, 'synced');
});

afterEach(async () => {
  await pods.close();
  client.close();
  await peer.stop();
});

function put(name: string, uid: string, metadata: JsonObject = {}): void {
  peer.put(agentPod({ metadata: { namespace: 'shop', name, uid, ...metadata } }), 'pods');
}

const names = (all: Iterable<{ readonly name: string }>) => [...all].map(({ name }) => name).sort();
const isList = ({ searchParams }: { searchParams: URLSearchParams }) => searchParams.has('limit');

test('the pods of this node are watched, with their roles, and those that are gone are reported', async () => {
  assert.deepEqual(
    [pods.byUid('uid-1')?.name, pods.byUid('uid-1')?.grants[0]?.role.name, names(pods.pods())],
    ['web', 'web', ['web']],
  );
  const gone: string[] = [];
  pods.onGone((uid) => gone.push(uid));
  put('web', 'uid-1', { deletionTimestamp: '2026-01-01T00:00:00Z' });
  await until(() => pods.byUid('uid-1')?.isEnding === true, 'ending');
  put('web', 'uid-2');
  await until(() => pods.byUid('uid-2') !== undefined, 'another of the same name');
  peer.remove('shop', 'web', 'pods');
  await until(() => pods.byUid('uid-2') === undefined, 'removed');
  assert.deepEqual(gone, ['uid-1', 'uid-2']);
  assert.ok((pods.newsAgeMs ?? -1) >= 0);
  for (const { searchParams } of peer.requests)
    assert.equal(searchParams.get('fieldSelector'), 'spec.nodeName=node-1');
});

test('a list shows what the watch has not brought, and asks for the present state', async () => {
  peer.endWatches('end');
  put('new', 'uid-3');
  const { pods: listed, begunAtMs } = await pods.listNow();
  assert.deepEqual(names(listed), ['new', 'web']);
  assert.ok(begunAtMs <= performance.now());
  const list = await peer.requested(isList);
  assert.equal(list.searchParams.has('resourceVersion'), false);
});

test('lists begin after they are asked for; those who wait share the next one', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  peer.beforeAnswer = () => released;
  const first = pods.listNow();
  await peer.requested(isList);
  put('new', 'uid-3');
  const later = Array.from({ length: 1_000 }, () => pods.listNow());
  release();
  assert.deepEqual(names((await first).pods), ['web']);
  assert.deepEqual(new Set((await Promise.all(later)).map(({ pods: all }) => all.length)), new Set([2]));
  assert.equal(lists, 2);
});

test('a list that fails is an error for those who asked for it, and not for the next', async () => {
  peer.trouble = () => ({ status: 500, message: 'etcd is away' });
  await assert.rejects(pods.listNow(), { code: 'API_REFUSED' });
  peer.trouble = () => undefined;
  assert.equal((await pods.listNow()).pods.length, 1);
});
