import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiPath } from './api-path.ts';

test('a path is made of its parts', () => {
  assert.equal(apiPath('/api/v1', 'namespaces', 'shop', 'pods'), '/api/v1/namespaces/shop/pods');
  assert.equal(apiPath('/apis/apps/v1', 'namespaces', 'a.b-c'), '/apis/apps/v1/namespaces/a.b-c');
});

test('a name stays one part of the URL, whatever it contains', () => {
  for (const name of ['web ', 'web#x', 'web?x=1', 'a/b', '../b', '..\\b', '%2e%2e', '...', 'é', '\n', ';']) {
    const { pathname, search, hash } = new URL(apiPath('/api/v1', 'x', name, 'y'), 'https://api.test');
    const parts = pathname.split('/');
    assert.deepEqual(parts.map(decodeURIComponent), ['', 'api', 'v1', 'x', name, 'y']);
    assert.equal(search + hash, '');
  }
});

test('a name that a URL would drop is refused', () => {
  for (const name of ['', '.', '..']) {
    assert.throws(() => apiPath('/api/v1', 'namespaces', name, 'pods'), { code: 'INVALID_NAME' });
  }
});
