import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import fastJsonPatch from 'fast-json-patch';
import type { JsonObject } from '../lib/json/json.ts';
import { mutatePod } from '../pods/mutate-pod.ts';
import { identities } from '../testing/arbitrary/identities.ts';
import { podOf } from '../testing/arbitrary/pods.ts';
import { patchOf } from './json-patch.ts';

/**
 * Applies the patch from `before` to `after` to a copy of `before`. The patch is serialised, so that it does
 * not share an object with its source.
 */
function patched(before: JsonObject, after: JsonObject): unknown {
  const patch = JSON.parse(JSON.stringify(patchOf(before, after)));
  return fastJsonPatch.applyPatch(JSON.parse(JSON.stringify(before)), patch, true).newDocument;
}

const many = Array.from({ length: 10_000 }, (_, at) => ({ name: at % 2 ? 'a' : 'b' }));
const owned = { name: 'AWS_STS_REGIONAL_ENDPOINTS', value: 'legacy' };
const renewed = { ...owned, value: 'regional' };

test('removing, adding or changing an item is one operation, however many items follow', () => {
  const cases: [name: string, before: unknown[], after: unknown[], expected: unknown[]][] = [
    ['taken out', [owned, ...many], many, [{ op: 'remove', path: '/env/0' }]],
    ['put in', many, [owned, ...many], [{ op: 'add', path: '/env/0', value: owned }]],
    [
      'changed',
      [owned, ...many],
      [renewed, ...many],
      [{ op: 'replace', path: '/env/0/value', value: 'regional' }],
    ],
    [
      'taken out at both ends, put in at the first',
      [owned, ...many, owned],
      [{ name: 'x' }, { name: 'y' }, ...many],
      [
        { op: 'remove', path: '/env/10001' },
        { op: 'remove', path: '/env/0' },
        { op: 'add', path: '/env/0', value: { name: 'x' } },
        { op: 'add', path: '/env/1', value: { name: 'y' } },
      ],
    ],
  ];
  for (const [name, before, after, expected] of cases) {
    const operations = patchOf({ env: before }, { env: after });
    assert.deepEqual(operations, expected, name);
    assert.deepEqual(patched({ env: before }, { env: after }), { env: after }, name);
  }
});

test('items before changed ones are added, and the changed ones are not replaced', () => {
  const before = { containers: [{ name: 'a' }, { name: 'b' }] };
  const after = { containers: [{ name: 'new' }, { name: 'a', env: [] }, { name: 'b', env: [] }] };
  assert.deepEqual(
    patchOf(before, after).map(({ op, path }) => `${op} ${path}`),
    ['add /containers/0', 'add /containers/2/env', 'add /containers/1/env'],
  );
  assert.deepEqual(patched(before, after), after);
});

test('a key with a slash or a tilde is one key', () => {
  const [before, after] = [
    { 'a/b': 1, 'c~d': { e: 1 } },
    { 'c~d': {}, 'f/g': 2 },
  ];
  assert.deepEqual(patched(before, after), after);
});

test('the patch turns any object into any other', () => {
  const { object } = fc.letrec((tie) => ({
    name: fc.constantFrom('a', 'b', '/~'),
    value: fc.oneof({ maxDepth: 4 }, fc.constantFrom<unknown>(null, 0, '', 'a'), tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 5 }),
    object: fc.dictionary(fc.constantFrom('name', 'env', '/~'), tie('value'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  }));
  fc.assert(
    fc.property(object, object, (before, after) => {
      assert.deepEqual(patched(before as JsonObject, after as JsonObject), after);
    }),
  );
});

test('lists that keep some items, moved or not, are patched correctly', () => {
  const items = [{ name: 'a' }, { name: 'a' }, { name: 'b' }, { name: 'c' }, 'd', null, 'd'];
  const list = fc.array(
    fc.oneof(
      fc.constantFrom(...items),
      fc.constantFrom('a', 'b', 'e').map((name) => ({ name, v: 1 })),
    ),
  );
  fc.assert(
    fc.property(list, list, (before, after) => {
      assert.deepEqual(patched({ list: before }, { list: after }), { list: after });
    }),
    { numRuns: 2_000 },
  );
});

test('the patch applied to a pod is the pod with its identity', () => {
  const options = fc.record({ recordOwnership: fc.boolean() });
  fc.assert(
    fc.property(fc.oneof(podOf(false), podOf(true)), identities, options, (pod, identity, chosen) => {
      const mutated = mutatePod(pod, identity, chosen).pod;
      assert.deepEqual(patched(pod, mutated), mutated);
    }),
    { numRuns: 500 },
  );
});
