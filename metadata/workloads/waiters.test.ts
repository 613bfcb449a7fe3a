import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundWaiters } from './waiters.ts';

test('pods that take all places leave one to each other pod', () => {
  const enter = boundWaiters();
  const fill = (address: string) => {
    const leave = Array.from({ length: 1_000 }, () => enter(address)).flatMap((entered) => entered ?? []);
    return { count: leave.length, leave };
  };
  const addresses = Array.from({ length: 40 }, (_, index) => `10.0.0.${index}`);
  const filled = addresses.map(fill);
  assert.deepEqual(
    filled.map(({ count }) => count),
    [...Array(32).fill(64), ...Array(8).fill(1)],
  );
  const leave = enter('10.0.1.1') ?? assert.fail('its only connection');
  assert.equal(enter('10.0.1.1'), undefined, 'another one must not wait');
  leave();
  for (const each of filled) for (const leaveEach of each.leave) leaveEach();
  assert.equal(fill('10.0.0.1').count, 64, 'all have left');
});
