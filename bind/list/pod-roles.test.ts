import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connect } from '../../kubernetes/connect.ts';
import { startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { readPodRoles } from './pod-roles.ts';

const KEY = 'iam.amazonaws.com/role';

interface GivenPod {
  readonly namespace?: string;
  readonly account?: string;
  readonly role?: string;
  readonly phase?: string;
}

async function read(t: TestContext, pods: readonly GivenPod[], namespace?: string) {
  const cluster = await startFakeCluster({ mostPerPage: 3 });
  t.after(cluster.stop);
  for (const [at, { namespace: of = 'shop', account, role, phase = 'Running' }] of pods.entries()) {
    const name = `p-${String(at).padStart(4, '0')}`;
    const metadata = { namespace: of, name, ...(role === undefined ? {} : { annotations: { [KEY]: role } }) };
    const spec = account === undefined ? {} : { serviceAccountName: account };
    cluster.objects.set(`/api/v1/namespaces/${of}/pods/${name}`, { metadata, spec, status: { phase } });
  }
  const client = connect({ kubeconfig: undefined, kubeApi: cluster.url }, {});
  t.after(() => client.close());
  const limits = { timeoutMs: 5_000, signal: new AbortController().signal };
  return readPodRoles(client, { key: KEY, namespace }, limits);
}

test('pods of one ServiceAccount and one role are one, across pages', async (t) => {
  const web = { account: 'web', role: 'web' };
  const found = await read(t, [web, web, { ...web, role: 'api' }, web, { ...web, account: 'api' }]);
  const seen = found.map(({ serviceAccount, given, podCount }) => `${serviceAccount} ${given} ${podCount}`);
  assert.deepEqual(seen.sort(), ['api web 1', 'web api 1', 'web web 3']);
});

test('pods without the annotation, with an empty one, or that have ended name no role', async (t) => {
  const ended = { role: 'web', phase: 'Succeeded' };
  assert.deepEqual(await read(t, [{}, { role: '' }, ended, { ...ended, phase: 'Failed' }]), []);
});

test('a pod without a ServiceAccount has the default one; other namespaces are left out', async (t) => {
  const found = await read(t, [{ role: 'web' }, { role: 'web', namespace: 'ops' }], 'shop');
  assert.deepEqual(found, [
    { namespace: 'shop', serviceAccount: 'default', given: 'web', pods: ['p-0000'], podCount: 1 },
  ]);
});

test('names and values are bounded', async (t) => {
  const role = 'x'.repeat(200_000);
  const [found, ...more] = await read(
    t,
    Array.from({ length: 30 }, () => ({ role })),
  );
  assert.deepEqual([found?.given.length, found?.pods.length, found?.podCount, more], [1_024, 20, 30, []]);
});
