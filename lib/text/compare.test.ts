import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareText } from './compare.ts';

test('strings are ordered by code units, and equal ones are equal', () => {
  assert.deepEqual(['b', 'B', 'a', 'ä', '', 'a'].sort(compareText), ['', 'B', 'a', 'a', 'b', 'ä']);
  assert.equal(compareText('a', 'a'), 0);
});
