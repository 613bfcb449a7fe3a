import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leastLeftMs, renewAfterMs, retryAfterMs } from './session-schedule.ts';

const MINUTE_MS = 60_000;
const ALMOST_ONE = 1 - Number.EPSILON;

test('ten minutes must be left, or a quarter of a session shorter than forty minutes', () => {
  const cases: readonly (readonly [lifetimeMinutes: number, leftMinutes: number])[] = [
    [720, 10],
    [60, 10],
    [40, 10],
    [15, 3.75],
    [1, 0.25],
  ];
  for (const [lifetime, left] of cases) assert.equal(leastLeftMs(lifetime * MINUTE_MS), left * MINUTE_MS);
});

test('renewal is at half life with a tenth of jitter, never in a tight loop, never beyond a timer', () => {
  const cases: readonly (readonly [lifetimeMs: number, random: number, afterMs: number])[] = [
    [60 * MINUTE_MS, 0, 27 * MINUTE_MS],
    [60 * MINUTE_MS, 0.5, 30 * MINUTE_MS],
    [60 * MINUTE_MS, ALMOST_ONE, 33 * MINUTE_MS],
    [15 * MINUTE_MS, 0.5, 7.5 * MINUTE_MS],
    [1, 0, 1_000],
    [Date.UTC(9999, 0), 0, 360 * MINUTE_MS],
  ];
  for (const [lifetime, random, after] of cases) {
    assert.equal(Math.round(renewAfterMs(lifetime, random)), after, `${lifetime} ms, ${random}`);
  }
});

test('waits double up to the longest, and jitter takes off up to half', () => {
  const longest = (retry: 'soon' | 'late') =>
    [1, 2, 3, 4, 8, 2_000].map((failures) => retryAfterMs(failures, retry, ALMOST_ONE) / 1_000);
  assert.deepEqual(longest('soon').map(Math.fround), [0.5, 1, 2, 4, 30, 30]);
  assert.deepEqual(longest('late').map(Math.fround), [10, 20, 40, 60, 60, 60]);
  assert.equal(retryAfterMs(1, 'soon', 0), 250);
  assert.equal(retryAfterMs(9, 'late', 0), 30_000);
});
