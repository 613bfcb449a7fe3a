import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from './backoff.ts';

const BACKOFF = { firstMs: 1_000, longestMs: 30_000 };

const CASES: readonly (readonly [failures: number, random: number, expectedMs: number])[] = [
  [0, 0, 500],
  [1, 0, 500],
  [1, 0.5, 750],
  [2, 0, 1_000],
  [5, 0.5, 12_000],
  [6, 0, 15_000],
  [2_000, 0.5, 22_500],
];

for (const [failures, random, expectedMs] of CASES) {
  test(`after ${failures} failures with random ${random} the wait is ${expectedMs} ms`, () => {
    assert.equal(backoffMs(BACKOFF, failures, random), expectedMs);
  });
}
