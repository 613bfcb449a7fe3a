import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untilRenewalMs } from './renewal.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MINTED = { wallMs: Date.UTC(2026, 0, 1), monotonicMs: 5 * MINUTE };

/** Time that passed since by each clock, in minutes, and what is left to wait. */
const cases: readonly (readonly [
  name: string,
  wall: number,
  monotonic: number,
  random: number,
  left: number,
])[] = [
  ['at once', 0, 0, 0, 48],
  ['earlier by jitter', 0, 0, 0.6, 47.9],
  ['half way', 24, 24, 0, 24],
  ['at 80 %', 48, 48, 0, 0],
  ['overdue', 50, 50, 0, -2],
  ['the wall clock was corrected a little', 10.5, 10, 0, 38],
  ['the wall clock went forward', 12, 10, 0, 0],
  ['the wall clock went back', -10, 10, 0, 0],
  ['the machine was suspended', 120, 10, 0, 0],
];
for (const [name, wall, monotonic, random, left] of cases) {
  test(`a token of an hour, ${name}`, () => {
    const now = {
      wallMs: MINTED.wallMs + wall * MINUTE,
      monotonicMs: MINTED.monotonicMs + monotonic * MINUTE,
    };
    assert.equal(Math.round(untilRenewalMs(MINTED, HOUR, now, random)), Math.round(left * MINUTE));
  });
}
