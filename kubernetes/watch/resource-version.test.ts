import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLater } from './resource-version.ts';

test('resource versions compare as numbers of any length, and anything else does not compare', () => {
  const cases: [one: string, other: string, later: boolean][] = [
    ['2', '1', true],
    ['1', '2', false],
    ['1', '1', false],
    ['10', '9', true],
    ['9', '10', false],
    ['90071992547409930', '90071992547409929', true],
    ['abc', '1', false],
    ['1', 'abc', false],
    ['02', '1', false],
    ['1', '', false],
  ];
  for (const [one, other, later] of cases) assert.equal(isLater(one, other), later, `${one} after ${other}`);
});
