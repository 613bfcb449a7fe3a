import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rememberLast } from './remember-last.ts';

test('made again for another object, even an equal one', () => {
  let made = 0;
  const remembered = rememberLast(({ name }: { name: string }) => {
    made += 1;
    return `${name} ${made}`;
  });
  const [first, second] = [{ name: 'a' }, { name: 'a' }];
  const asked = [first, first, second, second, first].map((given) => remembered(given));
  assert.deepEqual(asked, ['a 1', 'a 1', 'a 2', 'a 2', 'a 3']);
});

test('after an error the function is called again', () => {
  let calls = 0;
  const remembered = rememberLast((_given: object) => {
    calls += 1;
    throw new Error('not now');
  });
  const given = {};
  assert.throws(() => remembered(given));
  assert.throws(() => remembered(given));
  assert.equal(calls, 2);
});
