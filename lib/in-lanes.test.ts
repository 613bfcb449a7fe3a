import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inLanes } from './in-lanes.ts';

test('results come in the order of the items, and no more than the lanes work at a time', async () => {
  let [busy, most] = [0, 0];
  const results = await inLanes([5, 1, 4, 2, 3], 2, async (item) => {
    busy += 1;
    most = Math.max(most, busy);
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    busy -= 1;
    return item * 10;
  });
  assert.deepEqual([results, most], [[50, 10, 40, 20, 30], 2]);
});

test('after a failure no further item is begun', async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    if (item === 1) throw new Error('no');
  };
  await assert.rejects(inLanes([1, 2, 3, 4], 1, work), { message: 'no' });
  assert.deepEqual(begun, [1]);
});

test('nothing is done without items', async () => {
  assert.deepEqual(await inLanes([], 3, async () => 1), []);
});
