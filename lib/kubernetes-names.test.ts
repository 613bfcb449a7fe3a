import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from '../testing/cost/step-count.ts';
import { isNamespaceName, isObjectName, parseQualifiedName } from './kubernetes-names.ts';

/** As kubectl 1.36 creates or refuses them: a namespace, a ServiceAccount. */
const NAMES: readonly (readonly [name: string, isNamespace: boolean, isObject: boolean])[] = [
  ['web', true, true],
  ['a', true, true],
  ['0', true, true],
  ['a--b', true, true],
  ['web.v1', false, true],
  ['a.b-c.d0', false, true],
  ['a'.repeat(63), true, true],
  ['a'.repeat(64), false, true],
  ['a'.repeat(253), false, true],
  ['a'.repeat(254), false, false],
  [`${'a.'.repeat(126)}a`, false, true],
  ['', false, false],
  ['.', false, false],
  ['..', false, false],
  ['a..b', false, false],
  ['a.', false, false],
  ['.a', false, false],
  ['-a', false, false],
  ['a-', false, false],
  ['a-.b', false, false],
  ['a.-b', false, false],
  ['Web', false, false],
  ['a_b', false, false],
  ['a b', false, false],
  ['web ', false, false],
  ['web\n', false, false],
  ['a/b', false, false],
  ['%2e%2e', false, false],
  ['web?x=1', false, false],
  ['web#x', false, false],
  ['wéb', false, false],
  ['wеb', false, false],
];
for (const [name, isNamespace, isObject] of NAMES) {
  test(`${JSON.stringify(name).slice(0, 20)} (${name.length})`, () => {
    assert.equal(isNamespaceName(name), isNamespace);
    assert.equal(isObjectName(name), isObject);
  });
}

test('a qualified name has two parts', () => {
  assert.deepEqual(parseQualifiedName('shop/web.v1'), { namespace: 'shop', name: 'web.v1' });
  for (const text of ['shop', 'shop/', '/web', 'shop/web/x', 'shop.x/web', 'shop/a..b', '../web']) {
    assert.equal(parseQualifiedName(text), undefined, text);
  }
});

test('the steps of a check grow with the name', async () => {
  await assertLinear((size) => {
    const text = 'a-'.repeat(size);
    return () => [isNamespaceName(text), isObjectName(text), parseQualifiedName(text)];
  });
});
