import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import { sharedList } from './shared-list.ts';

test('lists begin at a limited rate, however many ask', async () => {
  const time = createVirtualTime();
  const begun: number[] = [];
  const list = async () => void begun.push(time.nowMs());
  const listNow = sharedList(list, { burst: 3, everyMs: 200 }, time.clock());
  const asking = async () => {
    for (let times = 0; times < 6; times += 1) await Promise.all(Array.from({ length: 100 }, listNow));
  };
  const asked = asking();
  await time.pass(1_000);
  await asked;
  assert.deepEqual(begun, [0, 0, 0, 200, 400, 600]);
  await time.pass(10_000);
  const more = asking();
  await time.pass(2_000);
  await more;
  assert.deepEqual(
    begun.slice(6).map((at) => at - 11_000),
    [0, 0, 0, 200, 400, 600],
    'credit is not saved beyond the burst',
  );
});
