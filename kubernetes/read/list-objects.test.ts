import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { asObject } from '../../lib/json/json.ts';
import { type FakeCluster, startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { type ApiClient, createApiClient } from '../api-client.ts';
import { loadKubeConfig } from '../kube-config.ts';
import { listObjects } from './list-objects.ts';

const MIB = 1024 * 1024;

let peer: FakeCluster;
let client: ApiClient;

beforeEach(async () => {
  peer = await startFakeCluster();
  client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: peer.url }, {}));
});

afterEach(async () => {
  client.close();
  await peer.stop();
});

/** Makes objects whose annotation has so many bytes. */
function make(count: number, bytes: number, name: string): void {
  const annotations = { 'example.com/x': 'x'.repeat(bytes) };
  for (let index = 0; index < count; index += 1)
    peer.put({ metadata: { namespace: 'shop', name: `${name}-${index}`, annotations } });
}

async function namesOfAll(): Promise<readonly unknown[]> {
  const limits = { timeoutMs: 10_000, signal: new AbortController().signal };
  const names: unknown[] = [];
  for await (const object of listObjects(client, '/api/v1/serviceaccounts', {}, limits))
    names.push(asObject(object['metadata'])?.['name']);
  return names;
}

const pageSizes = () => peer.requests.map((url) => Number(url.searchParams.get('limit')));

test('small objects come 500 at a time', async () => {
  make(1_001, 10, 'small');
  assert.equal(new Set(await namesOfAll()).size, 1_001);
  assert.deepEqual(pageSizes(), [500, 500, 500]);
});

test('pages of large objects are small, and grow again after them', async () => {
  make(100, 250 * 1024, 'large');
  make(600, 10, 'small');
  const names = await namesOfAll();
  assert.equal(names.length, 700);
  assert.equal(new Set(names).size, 700);
  assert.deepEqual(pageSizes(), [500, 125, 32, 32, 32, 32, 128, 500]);
});

test('objects that are larger than a page are read one by one', async () => {
  make(3, 9 * MIB, 'huge');
  assert.deepEqual(await namesOfAll(), ['huge-0', 'huge-1', 'huge-2']);
  assert.deepEqual(pageSizes(), [500, 125, 32, 8, 2, 1, 1, 1]);
});

test('an object larger than an API server can store is an error, and does not fill the memory', async () => {
  make(1, 21 * MIB, 'endless');
  await assert.rejects(namesOfAll(), { code: 'LIST_TOO_LARGE' });
});

test('the rest of a page that is too large is not read', async () => {
  make(10, MIB, 'large');
  const limits = { timeoutMs: 10_000, signal: new AbortController().signal };
  assert.equal(await client.getPage('/api/v1/serviceaccounts?limit=500', limits, 5 * MIB), 'too large');
  const page = await client.getPage('/api/v1/serviceaccounts?limit=4', limits, 5 * MIB);
  assert.ok(Buffer.isBuffer(page) && page.length > 4 * MIB);
  assert.equal(peer.connections(), 2, 'the connection with the rest of it is closed');
});
