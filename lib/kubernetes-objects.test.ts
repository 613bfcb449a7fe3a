import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from './json/json.ts';
import { metadataOf, objectsIn } from './kubernetes-objects.ts';

const web = { kind: 'Pod', metadata: { name: 'web' } };
const db = { kind: 'Service', metadata: { name: 'db' } };
const list = (...items: readonly unknown[]) => ({ kind: 'List', apiVersion: 'v1', items });

const CASES: readonly (readonly [what: string, root: JsonObject, found: readonly string[]])[] = [
  ['an object', web, ['Pod web at ']],
  ['a List', list(web, db), ['Pod web at items.0', 'Service db at items.1']],
  ['a List in a List', list(list(web), db), ['Pod web at items.0.items.0', 'Service db at items.1']],
  [
    'a list of one kind, whose items have none',
    { kind: 'PodList', items: [{ metadata: { name: 'web' } }] },
    ['Pod web at items.0'],
  ],
  ['a List with items that are not objects', list(null, 'web', [web], db), ['Service db at items.3']],
  ['an empty List', list(), []],
  ['a List without items', { kind: 'List', metadata: { name: 'x' } }, ['List x at ']],
  ['items of another kind', { ...web, items: [db] }, ['Pod web at ']],
];

for (const [what, root, expected] of CASES) {
  test(`objects in ${what}`, () => {
    const found = [...objectsIn(root)].map(
      ({ object, type, path }) => `${type.kind} ${metadataOf(object)?.['name']} at ${path.join('.')}`,
    );
    assert.deepEqual(found, expected);
  });
}

test('Lists may be nested deeper than the call stack', () => {
  let root: JsonObject = web;
  for (let depth = 0; depth < 3_000; depth += 1) root = list(root);
  assert.equal([...objectsIn(root)].length, 1);
});

test('metadata is undefined if an object has none', () => {
  for (const object of [undefined, null, 'web', [], {}, { metadata: null }, { metadata: [] }]) {
    assert.equal(metadataOf(object), undefined);
  }
});

test('a List that aliases repeat without end is refused, by the name of its document', () => {
  const many = list(...Array(1_000).fill(web));
  assert.equal([...objectsIn(list(...Array(100).fill(many)))].length, 100_000);
  assert.throws(() => [...objectsIn(list(...Array(1_000).fill(many)), 'in.yaml, document 2')], {
    code: 'INVALID_MANIFEST',
    message: /^in\.yaml, document 2: contains more than 250000 objects in Lists; split it/,
  });
});
