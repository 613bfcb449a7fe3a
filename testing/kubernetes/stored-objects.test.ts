import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asObject } from '../../lib/json/json.ts';
import { createStoredObjects } from './stored-objects.ts';

const ACCOUNTS = '/api/v1/namespaces/shop/serviceaccounts';
const WEB = `${ACCOUNTS}/web`;

function storedWeb() {
  const stored = createStoredObjects();
  const change = (method: string, pathname: string, body?: unknown) =>
    stored.change({ method, pathname, body }).status;
  change('POST', ACCOUNTS, { metadata: { name: 'web', labels: { a: 'b', c: 'd' } } });
  return { ...stored, change, metadata: () => asObject(stored.objects.get(WEB)?.['metadata']) };
}

test('a collection contains its own objects, and without a namespace those of all namespaces', () => {
  const stored = createStoredObjects();
  const paths = [
    WEB,
    '/api/v1/namespaces/jobs/serviceaccounts/web',
    '/api/v1/namespaces/shop/pods/web',
    '/api/v1/namespaces/shop',
    '/apis/apps/v1/namespaces/shop/deployments/web',
  ];
  for (const path of paths) stored.store(path, { path });
  const listed = (collection: string) => stored.listed(collection).map(({ path }) => path);
  assert.deepEqual(listed(ACCOUNTS), paths.slice(0, 1));
  assert.deepEqual(listed('/api/v1/serviceaccounts'), paths.slice(0, 2));
  assert.deepEqual(listed('/api/v1/namespaces'), [paths[3]]);
  assert.deepEqual(listed('/apis/apps/v1/deployments'), paths.slice(4));
  assert.deepEqual(listed(WEB), []);
});

test('a merge patch changes members, and each change gets the next version', () => {
  const { change, metadata } = storedWeb();
  assert.equal(metadata()?.['resourceVersion'], '101');
  assert.equal(change('PATCH', WEB, { metadata: { labels: { a: null, e: 'f' } } }), 200);
  assert.deepEqual(metadata(), { name: 'web', labels: { c: 'd', e: 'f' }, resourceVersion: '102' });
});

const REFUSED: readonly (readonly [method: string, path: string, body: object, status: number])[] = [
  ['POST', ACCOUNTS, { metadata: { name: 'web' } }, 409],
  ['PUT', WEB, { metadata: { name: 'web' } }, 422],
  ['PUT', WEB, { metadata: { name: 'web', resourceVersion: '100' } }, 409],
  ['PATCH', WEB, { metadata: { resourceVersion: '100' } }, 409],
  ['DELETE', WEB, { preconditions: { resourceVersion: '100' } }, 409],
  ['PATCH', `${ACCOUNTS}/other`, {}, 404],
];
for (const [method, path, body, status] of REFUSED) {
  test(`${method} ${path} ${JSON.stringify(body)}: ${status}`, () => {
    const { change, metadata, objects } = storedWeb();
    assert.equal(change(method, path, body), status);
    assert.equal(objects.size, 1);
    assert.equal(metadata()?.['resourceVersion'], '101');
  });
}

test('an object is deleted in its present version', () => {
  const { change, objects } = storedWeb();
  assert.equal(change('DELETE', WEB, { preconditions: { resourceVersion: '101' } }), 200);
  assert.equal(objects.size, 0);
});
