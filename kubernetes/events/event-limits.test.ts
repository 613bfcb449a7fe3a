import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventLimits } from './event-limits.ts';

const HOUR_MS = 3_600_000;
const offer = (limits: EventLimits, count: number, namespace: (index: number) => string, nowMs: number) =>
  Array.from({ length: count }, (_, index) =>
    limits.decide(`${namespace(index)}-${nowMs}-${index}`, namespace(index), nowMs),
  ).filter((decision) => decision === 'send').length;

test('the same Event is sent once in an hour', () => {
  const limits = new EventLimits(0);
  const at = (nowMs: number) => limits.decide('podrole-1', 'shop', nowMs);
  assert.deepEqual([at(0), at(1), at(HOUR_MS - 1), at(HOUR_MS)], ['send', 'repeated', 'repeated', 'send']);
});

test('an Event that was refused may be sent later', () => {
  const limits = new EventLimits(0);
  offer(limits, 20, () => 'shop', 0);
  assert.equal(limits.decide('podrole-late', 'shop', 0), 'limited');
  assert.equal(limits.decide('podrole-late', 'shop', 10_000), 'send');
});

test('a namespace has 20 Events at once and then one in 10 s; another one keeps its own', () => {
  const limits = new EventLimits(0);
  assert.equal(
    offer(limits, 1_000, () => 'noisy', 0),
    20,
  );
  assert.equal(
    offer(limits, 1, () => 'quiet', 0),
    1,
  );
  assert.equal(
    offer(limits, 1_000, () => 'noisy', 35_000),
    3,
  );
});

test('100,000 namespaces together have 100 Events at once and then five in a second', () => {
  const limits = new EventLimits(0);
  assert.equal(
    offer(limits, 100_000, (index) => `ns-${index}`, 0),
    100,
  );
  assert.equal(
    offer(limits, 100_000, (index) => `ns-${index}`, 2_000),
    10,
  );
});

test('after a long pause a bucket holds no more than its burst', () => {
  const limits = new EventLimits(0);
  offer(limits, 100, () => 'shop', 0);
  assert.equal(
    offer(limits, 100, () => 'shop', 100 * HOUR_MS),
    20,
  );
});
