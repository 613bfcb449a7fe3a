import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOnce } from './once.ts';

test('reads a key once, also for calls at the same time, and other keys on their own', async () => {
  const once = createOnce();
  const read: string[] = [];
  const get = (key: string) =>
    once(key, async () => {
      read.push(key);
      return key.toUpperCase();
    });
  assert.deepEqual(await Promise.all([get('a'), get('a'), get('b')]), ['A', 'A', 'B']);
  assert.equal(await get('a'), 'A');
  assert.deepEqual(read, ['a', 'b']);
});

test('every caller sees a failure', async () => {
  const once = createOnce();
  const fail = () => once('a', () => Promise.reject(new Error('refused')));
  await assert.rejects(fail(), /refused/);
  await assert.rejects(fail(), /refused/);
});
