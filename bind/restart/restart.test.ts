import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type ApiClient, createApiClient } from '../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import { type FakeCluster, startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { readPods } from './read-pods.ts';
import { restartWorkloads } from './restart-workloads.ts';
import { describeWorkload, type Workload } from './workload.ts';
import { workloadsToRestart } from './workloads-to-restart.ts';

const LIMITS = { timeoutMs: 5_000, signal: new AbortController().signal };
const ROLE = 'arn:aws:iam::111122223333:role/web';
const PODS = '/api/v1/namespaces/shop/pods';
const DEPLOYMENT = '/apis/apps/v1/namespaces/shop/deployments/web';
const WEB: Workload = { kind: 'Deployment', namespace: 'shop', name: 'web' };
const DB: Workload = { kind: 'StatefulSet', namespace: 'shop', name: 'db' };

let server: FakeCluster;
let forbidden: ReadonlySet<string>;
let client: ApiClient;

beforeEach(async () => {
  server = await startFakeCluster({ mostPerPage: 2 });
  forbidden = new Set();
  server.trouble = ({ pathname }) =>
    forbidden.has(pathname) ? { status: 403, message: 'not for you' } : undefined;
  client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: server.url }, {}));
  for (const name of ['a', 'b', 'c']) server.put(owned(name, 'web-1'), 'pods');
  server.objects.set('/apis/apps/v1/namespaces/shop/replicasets/web-1', owned('web-1', 'web', 'Deployment'));
  server.objects.set(DEPLOYMENT, { metadata: { namespace: 'shop', name: 'web' }, spec: {} });
});

afterEach(async () => {
  client.close();
  await server.stop();
});

test('pods of every page are found by their ServiceAccount, each owner by one GET', async () => {
  const running = await readPods(client, 'shop', 'web', LIMITS);
  const found = workloadsToRestart(running, { roleArn: ROLE });
  assert.deepEqual(found, [{ ...WEB, pods: 3, has: 'no role', byHand: undefined }]);
  assert.deepEqual(targets(), [
    `${PODS}?fieldSelector=spec.serviceAccountName%3Dweb&limit=500`,
    '/apis/apps/v1/namespaces/shop/replicasets/web-1',
    DEPLOYMENT,
    `${PODS}?fieldSelector=spec.serviceAccountName%3Dweb&limit=500&continue=2`,
  ]);
});

/**
 * Kubernetes does not check the names in owner references: whoever makes a pod writes there what they like.
 */
const HOSTILE_OWNERS: readonly (readonly [kind: string, name: string])[] = [
  ['Deployment', '../../kube-system/deployments/dns'],
  ['Deployment', '../../../../../api/v1/namespaces/kube-system/serviceaccounts/x'],
  ['StatefulSet', '..'],
  ['DaemonSet', 'web?dryRun=All'],
  ['Deployment', 'web#'],
  ['ReplicaSet', '../../kube-system/replicasets/dns-1'],
];
for (const [kind, name] of HOSTILE_OWNERS) {
  test(`a pod that says its owner is ${kind} ${name} leads nowhere`, async () => {
    const dns = { metadata: { namespace: 'kube-system', name: 'dns' }, spec: {} };
    server.objects.set('/apis/apps/v1/namespaces/kube-system/deployments/dns', dns);
    server.remove('shop', 'b', 'pods');
    server.remove('shop', 'c', 'pods');
    server.put(owned('a', name, kind), 'pods');
    const found = workloadsToRestart(await readPods(client, 'shop', 'web', LIMITS), { roleArn: ROLE });
    assert.deepEqual(targets(), [`${PODS}?fieldSelector=spec.serviceAccountName%3Dweb&limit=500`]);
    assert.equal(found.length, 1);
    assert.match(found[0]?.byHand ?? '', /no object can have such a name|by the means of ReplicaSet/);
    await assert.rejects(
      restartWorkloads(client, found, { now: new Date(), limits: LIMITS, onRestarted: () => undefined }),
      {
        message: /is not a workload that can be restarted/,
      },
    );
    assert.deepEqual(server.writes, []);
  });
}

test('what may not be read is an error, not a workload that needs no restart', async () => {
  forbidden = new Set([DEPLOYMENT]);
  await assert.rejects(
    readPods(client, 'shop', 'web', LIMITS),
    /Deployment shop\/web: API server answered 403/,
  );
  forbidden = new Set([DEPLOYMENT, PODS]);
  await assert.rejects(readPods(client, 'shop', 'web', LIMITS), /shop\/pods: answered 403 \(not for you\)/);
});

test('a restart sets the annotation of kubectl; if one is refused, the others are restarted', async () => {
  const restarted: string[] = [];
  const now = new Date('2026-08-01T12:00:00.500Z');
  await assert.rejects(
    restartWorkloads(client, [DB, WEB], {
      now,
      limits: LIMITS,
      onRestarted: (one) => restarted.push(describeWorkload(one)),
    }),
    (thrown: unknown) =>
      thrown instanceof PodroleError &&
      thrown.message.startsWith('StatefulSet shop/db: API server answered 404') &&
      thrown.code === 'RESTART_FAILED',
  );
  assert.deepEqual(restarted, ['Deployment shop/web']);
  const { method, pathname, contentType, body } = server.requests[1] ?? {};
  assert.deepEqual([method, pathname, contentType], ['PATCH', DEPLOYMENT, 'application/merge-patch+json']);
  assert.deepEqual(body, {
    spec: {
      template: {
        metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-08-01T12:00:00Z' } },
      },
    },
  });
});

const targets = () => server.requests.map(({ target }) => target);

function owned(name: string, owner: string, kind = 'ReplicaSet'): JsonObject {
  return {
    metadata: { namespace: 'shop', name, ownerReferences: [{ kind, name: owner, controller: true }] },
  };
}
