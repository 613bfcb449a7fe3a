import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { connect } from '../../kubernetes/connect.ts';
import { asArray, asObject } from '../../lib/json/json.ts';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import { ended, type PodCluster, startPodCluster } from '../../testing/kubernetes/pod-cluster.ts';
import { parseAnswer, probeMetadata } from './probe-metadata.ts';

let cluster: PodCluster;
let client: ApiClient;
beforeEach(async () => {
  cluster = await startPodCluster();
  cluster.admit = (pod) => pod;
  client = connect({ kubeconfig: undefined, kubeApi: cluster.server.url }, {});
});
afterEach(async () => {
  client.close();
  await cluster.server.stop();
});

const probe = (signal = NEVER_ABORTED) =>
  probeMetadata({ client, namespace: 'shop', image: undefined, signal });

test('two restricted pods answer, and are removed', async () => {
  cluster.status = ended(0, '{"state":"reachable","status":200}');
  assert.deepEqual(await probe(), {
    v1: { state: 'reachable', status: 200 },
    v2: { state: 'reachable', status: 200 },
  });
  assert.equal(cluster.leftPods(), 0);
  const sent = cluster.server.requests
    .filter(({ method }) => method === 'POST')
    .map(({ body }) => asObject(body));
  const containers = sent.map((pod) => asObject(asArray(asObject(pod?.['spec'])?.['containers'])?.[0]));
  const args = containers.map((container) => asArray(container?.['args'])?.at(-1));
  assert.deepEqual(args.sort(), ['--probe-metadata=v1', '--probe-metadata=v2']);
  for (const pod of sent) {
    const spec = asObject(pod?.['spec']);
    assert.equal(spec?.['automountServiceAccountToken'], false);
    assert.equal(spec?.['hostNetwork'], undefined);
    const labels = asObject(asObject(pod?.['metadata'])?.['labels']);
    assert.equal(labels?.['eks.amazonaws.com/skip-pod-identity-webhook'], 'true');
  }
  assert.equal(containers[0]?.['image'], 'registry.test/podrole:1');
});

test('a pod that is refused leaves its answer open', async () => {
  cluster.refusal = { status: 403, message: 'violates PodSecurity' };
  const { v1, v2 } = await probe();
  for (const answer of [v1, v2]) {
    assert.equal(answer.state, 'unknown');
    assert.match('why' in answer ? answer.why : '', /was not created: the API server answered 403/);
  }
  assert.equal(cluster.leftPods(), 0);
});

test('a pod whose creation was not answered is removed, if it is there', async () => {
  cluster.refusal = { status: 500, message: 'timeout', isStored: true };
  const { v1 } = await probe();
  assert.equal(v1.state, 'unknown');
  assert.equal(cluster.leftPods(), 0);
});

test('interrupted pods are removed', async () => {
  cluster.status = undefined;
  const interrupt = new AbortController();
  const probing = probe(interrupt.signal);
  await cluster.server.requested(({ method }) => method === 'POST', 2);
  interrupt.abort();
  const { v1 } = await probing;
  // The flags of podrole test are not those of podrole audit.
  assert.match('why' in v1 ? v1.why : '', /did not end in time; run again/);
  assert.equal(cluster.leftPods(), 0);
});

test('pods that cannot be removed are an error', async () => {
  cluster.status = ended(0, '{"state":"refused"}');
  cluster.server.trouble = ({ method }) => (method === 'DELETE' ? { status: 403, message: 'no' } : undefined);
  await assert.rejects(probe(), { code: 'TEST_POD_LEFT' });
});

for (const [message, state] of [
  ['{"state":"refused"}', 'refused'],
  ['{"state":"timeout"}', 'timeout'],
  ['{"state":"reachable","status":401}', 'reachable'],
  ['{"state":"reachable","status":"200"}', 'unknown'],
  ['{"state":"reachable","status":1e9}', 'unknown'],
  ['{"state":"reachable"}', 'unknown'],
  ['{"state":"allowed"}', 'unknown'],
  ["error: unknown option '--probe-metadata'", 'unknown'],
  ['', 'unknown'],
  [`{"state":"refused","x":"${'x'.repeat(300)}"}`, 'unknown'],
  ['null', 'unknown'],
] as const) {
  test(`termination message ${message.slice(0, 40)} is ${state}`, () => {
    const answer = parseAnswer(message);
    assert.equal(answer.state, state);
    assert.ok(JSON.stringify(answer).length < 400);
  });
}
