import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFaults } from '../../testing/faults.ts';
import { parseTags } from './parse-tags.ts';

test('a tag may hold further equals signs, be empty, and be given twice with one value', () => {
  assert.deepEqual(parseTags(['a=1', 'b=x=y', 'c=', 'a=1']), { a: '1', b: 'x=y', c: '' });
  assert.deepEqual(parseTags(['__proto__=1', 'toString=2']), JSON.parse('{"__proto__":"1","toString":"2"}'));
});

test('a key with two values is refused, and every other fault with it', () => {
  assertFaults(
    () => parseTags(['a=1', 'a=2', 'b', '=c', 'toString=', 'toString=x']),
    [
      /^--tags: gives the tag "a" different values; give one value for each key$/m,
      /^--tags: holds "b"; write key=value$/m,
      /^--tags: holds "=c"; write key=value$/m,
      /^--tags: gives the tag "toString" different values;/m,
    ],
  );
});
