import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type ApiClient, createApiClient } from '../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { asObject, type JsonObject } from '../../lib/json/json.ts';
import { type FakeApiServer, startFakeApiServer } from '../../testing/kubernetes/fake-api-server.ts';
import { planObjects } from './plan-objects.ts';

const NAMESPACE = '/api/v1/namespaces/podrole';
let server: FakeApiServer;
let client: ApiClient;
let live: JsonObject;
/** Manager of a field with another value; undefined if there is none. */
let manager: string | undefined;

beforeEach(async () => {
  manager = undefined;
  server = await startFakeApiServer(({ method, pathname, searchParams, body }) => {
    if (method === 'GET') return { status: 200, body: pathname === NAMESPACE ? { kind: 'Namespace' } : live };
    if (manager !== undefined && pathname !== NAMESPACE && !searchParams.has('force')) {
      const message = `conflict with "${manager}" using v1`;
      const causes = [{ reason: 'FieldManagerConflict', field: '.data', message }];
      return { status: 409, body: { details: { causes } } };
    }
    const sent = asObject(body) ?? {};
    const metadata = { ...asObject(live['metadata']), ...asObject(sent['metadata']) };
    return { status: 200, body: { ...live, ...sent, metadata } };
  });
  client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: server.url }, {}));
});
afterEach(async () => {
  client.close();
  await server.stop();
});

function plan(desired: JsonObject) {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'podrole' } };
  return planObjects([namespace, desired], false, client, new AbortController().signal);
}

const MANAGERS: readonly (readonly [manager: string, operation: string, isForeign: boolean])[] = [
  ['kubectl-edit', 'Update', false],
  ['kubectl', 'Update', false],
  // kubectl apply --server-side
  ['kubectl', 'Apply', true],
  ['kubectl-client-side-apply', 'Update', true],
  ['argocd-controller', 'Apply', true],
  ['kubectl-evil', 'Update', true],
];
for (const [name, operation, isForeign] of MANAGERS) {
  test(`a field that ${name} changed by ${operation} ${isForeign ? 'stops the run' : 'is set back'}`, async () => {
    manager = name;
    const metadata = { namespace: 'podrole', name: 'c' };
    live = {
      metadata: { ...metadata, managedFields: [{ manager: name, operation }] },
      data: { a: '1' },
    };
    const { faults, notes } = await plan({
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '2' } },
    });
    assert.equal(faults[0]?.code, isForeign ? 'FIELD_CONFLICT' : undefined);
    assert.equal(notes.length, isForeign ? 0 : 1);
  });
}

test('no part of a Secret is shown, also not what kubectl apply stored of it', async () => {
  const key = 'PRIVATE';
  const applied = { 'kubectl.kubernetes.io/last-applied-configuration': `{"data":{"tls.key":"${key}"}}` };
  const metadata = { namespace: 'podrole', name: 's' };
  const sent = { apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, labels: { a: 'b' } } };
  const annotations = { ...applied, note: 'stays' };
  live = { kind: 'Secret', metadata: { ...metadata, annotations }, data: { 'tls.key': key } };
  const { steps } = await plan(sent);
  const shown = JSON.stringify(steps.find(({ object }) => object.startsWith('Secret')));
  assert.match(shown, /stays/);
  assert.ok(!shown.includes(key), shown);
});
