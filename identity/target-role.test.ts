import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { hasSessionTags } from './target-role.ts';

test('session tags are sent unless the annotation clearly switches them off', () => {
  const cases: readonly [unknown, boolean][] = [
    [undefined, true],
    ['', true],
    ['true', true],
    ['no', true],
    [' false', true],
    [false, true],
    ['false', false],
    ['False', false],
    ['f', false],
    ['0', false],
  ];
  for (const [value, expected] of cases) {
    assert.equal(
      hasSessionTags({ [PODROLE_ANNOTATION.sessionTags]: value }),
      expected,
      JSON.stringify(value),
    );
  }
  assert.equal(hasSessionTags({}), true);
});
