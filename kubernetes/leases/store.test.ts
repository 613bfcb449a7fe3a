import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { asObject } from '../../lib/json/json.ts';
import { startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { createApiClient } from '../api-client.ts';
import { loadKubeConfig } from '../kube-config.ts';
import type { LeaseRecord } from './record.ts';
import { leaseStore } from './store.ts';

const PATH = '/apis/coordination.k8s.io/v1/namespaces/podrole/leases';
const LEASE = `${PATH}/publisher`;
const LIMITS = { timeoutMs: 5_000, signal: new AbortController().signal };
const RECORD: LeaseRecord = {
  holder: 'one',
  durationSeconds: 15,
  acquireTime: '2026-01-01T00:00:00.000000Z',
  renewTime: '2026-01-01T00:00:02.000000Z',
  transitions: 3,
};

const peer = await startFakeCluster();
const client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: peer.url }, {}));
const store = leaseStore(client, { namespace: 'podrole', name: 'publisher' });
after(() => {
  client.close();
  return peer.stop();
});
beforeEach(() => {
  peer.objects.clear();
  peer.trouble = () => undefined;
});

test('a Lease that does not exist is created, and read back as it was written', async () => {
  assert.equal(await store.read(LIMITS), undefined);
  const written = await store.write(RECORD, undefined, LIMITS);
  assert.ok(written !== 'raced');
  assert.deepEqual(written.record, RECORD);
  assert.deepEqual((await store.read(LIMITS))?.record, RECORD);
  assert.deepEqual(peer.objects.get(LEASE), {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'podrole', name: 'publisher', resourceVersion: '101' },
    spec: {
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:02.000000Z',
      leaseTransitions: 3,
    },
  });
  assert.deepEqual(
    peer.requests.map(({ method, target }) => `${method} ${target}`),
    [`GET ${LEASE}`, `POST ${PATH}`, `GET ${LEASE}`],
  );
});

test('a change keeps members that podrole does not know', async () => {
  peer.objects.set(LEASE, {
    kind: 'Lease',
    metadata: { name: 'publisher', labels: { team: 'a' }, resourceVersion: '7' },
    spec: { strategy: 'OldestEmulationVersion' },
  });
  const read = await store.read(LIMITS);
  assert.deepEqual(read?.record, {
    holder: '',
    durationSeconds: 0,
    acquireTime: '',
    renewTime: '',
    transitions: 0,
  });
  await store.write(RECORD, read, LIMITS);
  const { metadata, spec } = peer.objects.get(LEASE) ?? {};
  assert.deepEqual(asObject(metadata)?.['labels'], { team: 'a' });
  assert.equal(asObject(spec)?.['strategy'], 'OldestEmulationVersion');
  assert.equal(asObject(spec)?.['holderIdentity'], 'one');
});

test('of two that create a Lease, or change the same version of it, one gets "raced"', async () => {
  const first = await store.write(RECORD, undefined, LIMITS);
  assert.equal(await store.write(RECORD, undefined, LIMITS), 'raced');
  assert.ok(first !== 'raced');
  assert.notEqual(await store.write({ ...RECORD, holder: 'two' }, first, LIMITS), 'raced');
  assert.equal(await store.write({ ...RECORD, holder: 'three' }, first, LIMITS), 'raced');
  assert.equal((await store.read(LIMITS))?.record.holder, 'two');
});

test('a change of a Lease that was deleted meanwhile is "raced" too', async () => {
  const first = await store.write(RECORD, undefined, LIMITS);
  assert.ok(first !== 'raced');
  peer.objects.clear();
  assert.equal(await store.write(RECORD, first, LIMITS), 'raced');
});

for (const [name, act] of [
  ['read', () => store.read(LIMITS)],
  ['write', () => store.write(RECORD, undefined, LIMITS)],
] as const) {
  test(`the error of a refused ${name} says what must be allowed`, async () => {
    peer.trouble = () => ({ status: 403, message: 'User "x" cannot do that' });
    await assert.rejects(act, {
      code: 'LEASE_REFUSED',
      message: /^Lease podrole\/publisher: the API server answered 403 \(User "x".*get, create and update/,
    });
  });
}

test('an answer that is not a Lease is an error', async () => {
  peer.objects.set(LEASE, { kind: 'Status', metadata: {} });
  await assert.rejects(() => store.read(LIMITS), { code: 'LEASE_REFUSED' });
});

test('silence ends with the time-out', async () => {
  peer.trouble = () => 'silence';
  const limits = { ...LIMITS, timeoutMs: 50 };
  await assert.rejects(() => store.read(limits), { code: 'API_UNREACHABLE' });
  await assert.rejects(() => store.write(RECORD, undefined, limits), { code: 'API_UNREACHABLE' });
});
