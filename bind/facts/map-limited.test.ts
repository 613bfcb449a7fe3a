import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapLimited } from './map-limited.ts';

test('results are in the order of the items, and no more acts than the limit are under way', async () => {
  let underWay = 0;
  let most = 0;
  const results = await mapLimited([5, 0, 3, 1, 4, 2], 3, async (item) => {
    most = Math.max(most, ++underWay);
    for (let turn = 0; turn < item; turn++) await Promise.resolve();
    underWay -= 1;
    return item * 10;
  });
  assert.deepEqual(results, [50, 0, 30, 10, 40, 20]);
  assert.equal(most, 3);
});

test('an act that fails fails the whole', async () => {
  const act = async (item: number) => {
    if (item === 2) throw new Error('no');
    return item;
  };
  await assert.rejects(mapLimited([1, 2, 3], 2, act), /no/);
  assert.deepEqual(await mapLimited([], 2, act), []);
});
