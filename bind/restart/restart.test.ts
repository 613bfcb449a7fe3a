import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type ApiClient, createApiClient } from '../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { PodroleError } from '../../lib/errors.ts';
import { type ObjectServer, startObjectServer } from '../../testing/kubernetes/object-server.ts';
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

let server: ObjectServer;
let client: ApiClient;

beforeEach(async () => {
  server = await startObjectServer();
  client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: server.url }, {}));
  server.objects.set(PODS, [owned('a', 'web-1'), owned('b', 'web-1'), owned('c', 'web-1')]);
  server.objects.set('/apis/apps/v1/namespaces/shop/replicasets/web-1', owned('web-1', 'web', 'Deployment'));
  server.objects.set(DEPLOYMENT, { metadata: { namespace: 'shop', name: 'web' }, spec: {} });
});

afterEach(async () => {
  client.close();
  await server.stop();
});

test('pods of every page are found by their ServiceAccount, each owner by one GET', async () => {
  const running = await readPods(client, 'shop', 'web', LIMITS);
  const found = workloadsToRestart(running, ROLE);
  assert.deepEqual(found, [{ ...WEB, pods: 3, has: 'no role', byHand: undefined }]);
  assert.deepEqual(server.reads, [
    `${PODS}?fieldSelector=spec.serviceAccountName%3Dweb&limit=500`,
    '/apis/apps/v1/namespaces/shop/replicasets/web-1',
    DEPLOYMENT,
    `${PODS}?fieldSelector=spec.serviceAccountName%3Dweb&limit=500&continue=2`,
  ]);
});

/** Kubernetes does not check the names in owner references: whoever makes a pod writes there what they like. */
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
    server.objects.set(PODS, [owned('a', name, kind)]);
    const found = workloadsToRestart(await readPods(client, 'shop', 'web', LIMITS), ROLE);
    assert.deepEqual(server.reads, [`${PODS}?fieldSelector=spec.serviceAccountName%3Dweb&limit=500`]);
    assert.equal(found.length, 1);
    assert.match(found[0]?.byHand ?? '', /no object can have such a name|by the means of ReplicaSet/);
    await assert.rejects(
      restartWorkloads(client, found, { now: new Date(), limits: LIMITS, onRestarted: () => undefined }),
      {
        message: /is not a workload that can be restarted/,
      },
    );
    assert.deepEqual(server.changes, []);
  });
}

test('what may not be read is an error, not a workload that needs no restart', async () => {
  server.forbidden.add(DEPLOYMENT);
  await assert.rejects(
    readPods(client, 'shop', 'web', LIMITS),
    /Deployment shop\/web: API server answered 403/,
  );
  server.forbidden.add(PODS);
  await assert.rejects(readPods(client, 'shop', 'web', LIMITS), /shop\/pods: answered 403 \(not for you\)/);
});

test('a restart sets the annotation of kubectl; one that is refused does not keep the others from it', async () => {
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
  assert.deepEqual(server.changes[1], {
    method: 'PATCH',
    path: DEPLOYMENT,
    contentType: 'application/merge-patch+json',
    body: {
      spec: {
        template: {
          metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-08-01T12:00:00Z' } },
        },
      },
    },
  });
});

function owned(name: string, owner: string, kind = 'ReplicaSet'): object {
  return {
    metadata: { namespace: 'shop', name, ownerReferences: [{ kind, name: owner, controller: true }] },
  };
}
