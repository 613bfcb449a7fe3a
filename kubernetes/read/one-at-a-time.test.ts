import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { oneAtATime } from './one-at-a-time.ts';

test('one turn lasts at a time, in order, and a caller that gives up waiting is skipped', async () => {
  const takeTurn = oneAtATime();
  const patient = new AbortController().signal;
  const impatient = new AbortController();
  const begun: string[] = [];
  const take = async (name: string, signal = patient) => {
    const end = await takeTurn(signal);
    begun.push(name);
    return end;
  };
  const first = take('first');
  const second = take('second', impatient.signal);
  const third = take('third');
  const fourth = take('fourth');
  await settle();
  assert.deepEqual(begun, ['first']);
  impatient.abort(new Error('given up'));
  await assert.rejects(second, /given up/);
  assert.deepEqual(begun, ['first']);
  (await first)();
  const endThird = await third;
  await settle();
  assert.deepEqual(begun, ['first', 'third']);
  endThird();
  (await fourth)();
  await assert.rejects(take('late', impatient.signal), /given up/);
  (await take('fifth'))();
});
