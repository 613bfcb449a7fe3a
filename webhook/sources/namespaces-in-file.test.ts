import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultCodeOf } from '../../lib/errors.ts';
import { namespacesInFile } from './namespaces-in-file.ts';

const KEY = 'podrole.dev/allowed-roles';
const namespace = (name: string, rule?: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, ...(rule === undefined ? {} : { annotations: { [KEY]: rule } }) },
  });

test('finds Namespaces in documents and Lists, beside other objects', async () => {
  const text = [
    namespace('shop', 'a'),
    '',
    JSON.stringify({ kind: 'ServiceAccount', metadata: { name: 'web', namespace: 'shop' } }),
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [JSON.parse(namespace('batch', 'b'))] }),
    namespace('bare'),
    namespace('shop', 'a'),
  ].join('\n---\n');
  const { find } = namespacesInFile(text, 'accounts.yaml');
  assert.equal((await find('shop'))?.annotations[KEY], 'a');
  assert.equal((await find('batch'))?.annotations[KEY], 'b');
  assert.deepEqual((await find('bare'))?.annotations, {});
  for (const name of ['web', 'none', '__proto__', 'toString'])
    assert.equal(await find(name), undefined, name);
});

test('every Namespace without a name, or there again with other rules, is a fault', () => {
  const text = [namespace(''), namespace('shop', 'a'), namespace('shop', 'b'), namespace('shop')].join(
    '\n---\n',
  );
  assert.throws(
    () => namespacesInFile(text, 'accounts.yaml'),
    (thrown) => faultCodeOf(thrown) === 'INVALID_MANIFEST' && String(thrown).split('\n').length === 3,
  );
});
