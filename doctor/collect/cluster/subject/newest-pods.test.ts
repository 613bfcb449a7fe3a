import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../../../kubernetes/connect.ts';
import type { JsonObject } from '../../../../lib/json/json.ts';
import { startFakeCluster } from '../../../../testing/kubernetes/fake-cluster.ts';
import { newestPods } from './newest-pods.ts';
import { podIn } from './pods-together.ts';

function podOf(name: string, serviceAccountName?: string): JsonObject {
  return {
    metadata: { namespace: 'shop', name, creationTimestamp: '2026-01-02T10:00:00Z' },
    spec: { serviceAccountName },
  };
}

const PODS = [
  podOf('web-a', 'web'),
  podOf('web-b', 'web'),
  podOf('other', 'not-judged'),
  podOf('static'),
  podOf('api-a', 'api'),
];

/** Each limit with the pods of three ServiceAccounts: a name, or the state of what was read. */
const CASES: readonly (readonly [what: string, mostPods: number, found: readonly string[]])[] = [
  ['all pods', 5, ['web-b', 'api-a', 'absent']],
  ['more pods than are read', 4, ['web-b', 'failed', 'failed']],
];
for (const [what, mostPods, expected] of CASES) {
  test(`finds the newest pods: ${what}`, async (t) => {
    const cluster = await startFakeCluster({ mostPerPage: 2 });
    t.after(cluster.stop);
    for (const pod of PODS) cluster.put(pod, 'pods');
    const client = connect({ kubeconfig: undefined, kubeApi: cluster.url }, {});
    t.after(() => client.close());
    const accounts = new Set(['web', 'api', 'default']);
    const found = await newestPods(
      { client, limits: { timeoutMs: 5_000, signal: new AbortController().signal } },
      { namespace: 'shop', accounts, known: { annotationPrefix: 'eks.amazonaws.com' }, mostPods },
    );
    const pods = [...accounts].map((account) => podIn(found, account));
    assert.deepEqual(
      pods.map((pod) => (pod.state === 'read' ? pod.value.name : pod.state)),
      expected,
    );
  });
}

test('a list that is denied is denied for each ServiceAccount', () => {
  const denied = { state: 'denied', needs: 'list on pods', said: 'answered 403' } as const;
  assert.deepEqual(podIn(denied, 'web'), denied);
});
