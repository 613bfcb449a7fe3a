import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import {
  expectKubectl,
  installPodrole,
  NAMESPACE,
  waitForRollout,
} from '../../setup/install/install-podrole.ts';
import { startPodroleNodes } from '../../setup/pods/podrole-nodes.ts';
import { listPods, podsIn } from '../../setup/pods/pods.ts';
import { isReady } from '../../setup/pods/running-pods.ts';
import {
  createPodsSteadily,
  expectNoneMissed,
  hasRole,
  LENIENT,
  prepareNamespaces,
  STRICT,
  waitForPatches,
} from '../../setup/pods/steady-pods.ts';
import { killWebhook, type WebhookPod, webhookPods } from '../../setup/pods/webhook-pods.ts';

/** Both shipped replicas on two real nodes, and new pods when one or both replicas are lost. */
const REFUSED = /failed calling webhook "required\.pods\.podrole\.dev"/;
const SECRET = 'podrole-webhook-tls';

const began = performance.now();
const cluster = await startPodroleNodes();
after(() => cluster.stop());
const upAfter = performance.now() - began;
await installPodrole(cluster);
const installedAfter = performance.now() - began - upAfter;
await prepareNamespaces(cluster);
await waitForPatches(cluster);
const [, drained] = cluster.nodes;
assert.ok(drained);

test('the replicas run on two nodes', async (t) => {
  t.diagnostic(
    `cluster with two nodes: ${Math.round(upAfter)} ms; installation: ${Math.round(installedAfter)} ms`,
  );
  const nodes = (await webhookPods(cluster)).map(({ spec }) => spec.nodeName);
  assert.deepEqual(nodes.sort(), ['n1', 'n2']);
});

test('a node of the webhook is drained while pods are created: no pod is refused or lacks its role', async (t) => {
  const pods = createPodsSteadily(cluster, t);
  const drain = [
    'drain',
    drained.name,
    '--ignore-daemonsets',
    '--delete-emptydir-data',
    '--force',
    '--timeout=60s',
  ];
  await expectKubectl(cluster, drain);
  await waitForRollout(cluster);
  for (const line of await pods.stop()) t.diagnostic(line);
  const left = (await webhookPods(cluster)).map(({ spec }) => spec.nodeName);
  assert.ok(!left.includes(drained.name), 'the node is empty');
  expectNoneMissed(pods);
});

test('the last replica is not evicted while there is no node for another one', async () => {
  await expectKubectl(cluster, ['cordon', 'n1']);
  const [first, last] = await webhookPods(cluster);
  assert.ok(first && last);
  assert.equal((await evict(first)).status, 201);
  const refused = await evict(last);
  assert.equal(refused.status, 429, JSON.stringify(refused.body));
  assert.match(JSON.stringify(refused.body), /disruption budget/);
  await waitForPatches(cluster);
  for (const { name } of cluster.nodes) await expectKubectl(cluster, ['uncordon', name]);
  await waitForRollout(cluster);
});

test('after the loss of one replica no pod of a required namespace lacks its role, and the replica restarts', async (t) => {
  const [victim] = await webhookPods(cluster);
  assert.ok(victim);
  const restarts = restartsOf(victim);
  const pods = createPodsSteadily(cluster, t);
  await waitFor(() => pods.counts[STRICT].patched > 0, 'the first pod');
  await killWebhook(victim);
  await waitFor(async () => {
    const pod = (await webhookPods(cluster)).find(({ metadata }) => metadata.uid === victim.metadata.uid);
    return pod && isReady(pod) && restartsOf(pod) > restarts;
  }, 'the killed replica ready again');
  for (const line of await pods.stop()) t.diagnostic(line);
  assert.equal(pods.counts[STRICT].unpatched, 0);
  for (const message of pods.refusals) assert.match(message, REFUSED);
});

test('after the loss of both replicas pods start without a role or are refused with a reason, and both restart', async (t) => {
  // Without kubelets the replicas are not restarted before the test has seen the effect.
  const replicas = await webhookPods(cluster);
  for (const node of cluster.nodes) await node.stopKubelet();
  for (const pod of replicas) await killWebhook(pod);
  const pods = createPodsSteadily(cluster, t);
  await deploy('outage', 5);
  await waitFor(() => pods.counts[LENIENT].unpatched > 0, 'a pod without a role');
  await waitFor(() => pods.counts[STRICT].refused > 0, 'a refused pod');
  const told = await waitFor(() => eventOf('FailedCreate'), 'the event of a refused pod');
  assert.match(told, REFUSED);
  t.diagnostic(told);
  await restartApiServer();
  for (const node of cluster.nodes) node.startKubelet();
  await waitForPatches(cluster);
  await waitForRollout(cluster);
  for (const line of await pods.stop()) t.diagnostic(line);
  assert.equal(pods.counts[STRICT].unpatched, 0);
  await expectPods('outage', 5);
});

test('both replicas and the Secret are lost in a namespace that requires podrole: recovery does not deadlock', async (t) => {
  const label = ['label', 'namespace', NAMESPACE];
  await expectKubectl(cluster, [...label, 'podrole.dev/required=true']);
  const old = (await webhookPods(cluster)).map(({ metadata }) => metadata.uid);
  const gone = performance.now();
  await expectKubectl(cluster, ['delete', 'secret', SECRET, '-n', NAMESPACE]);
  await expectKubectl(cluster, ['delete', 'pods', '--all', '-n', NAMESPACE, '--force', '--grace-period=0']);
  // As the log of the replicas suggests: they may not create the Secret themselves.
  await expectKubectl(cluster, ['create', 'secret', 'generic', SECRET, '-n', NAMESPACE]);
  await deploy('restored', 5);
  await waitFor(
    async () => {
      const pods = await webhookPods(cluster);
      return pods.length === 2 && pods.every((pod) => isReady(pod) && !old.includes(pod.metadata.uid));
    },
    'two new replicas',
    60_000,
  );
  await waitForPatches(cluster);
  t.diagnostic(`from nothing to a patched pod: ${Math.round(performance.now() - gone)} ms`);
  await expectPods('restored', 5);
  await expectKubectl(cluster, [...label, 'podrole.dev/required-']);
});

function restartsOf({ status }: WebhookPod): number {
  return status.containerStatuses?.[0]?.restartCount ?? 0;
}

function evict({ metadata: { name, namespace } }: WebhookPod) {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  return cluster.request('POST', `${podsIn(namespace)}/${name}/eviction`, eviction);
}

async function restartApiServer(): Promise<void> {
  await cluster.stopApiServer();
  await cluster.startApiServer();
}

/** Creates a Deployment in the required namespace, whose ReplicaSet retries refused pods. */
async function deploy(name: string, replicas: number): Promise<void> {
  const template = {
    metadata: { labels: { app: name } },
    spec: {
      serviceAccountName: 'web',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'app', image: 'localhost/pause:1', imagePullPolicy: 'Never' }],
    },
  };
  await expectSuccess(cluster, 'POST', `/apis/apps/v1/namespaces/${STRICT}/deployments`, {
    metadata: { name },
    spec: { replicas, selector: { matchLabels: { app: name } }, template },
  });
}

/** Asserts that all pods of a Deployment exist, run, and have their role. */
async function expectPods(name: string, replicas: number): Promise<void> {
  await expectKubectl(cluster, ['rollout', 'status', `deployment/${name}`, '-n', STRICT, '--timeout=60s']);
  const pods = await listPods(cluster, STRICT, `app=${name}`);
  assert.equal(pods.length, replicas);
  assert.ok(pods.every(hasRole), 'every pod has its role');
}

async function eventOf(reason: string): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${STRICT}/events?fieldSelector=reason%3D${reason}`;
  const { body } = await expectSuccess(cluster, 'GET', path);
  return (body as { items: { message: string }[] }).items[0]?.message;
}
