import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeDate } from './write-date.ts';

for (const [iso, written] of [
  ['2026-11-29T21:56:05.123Z', '2026-11-29 21:56 UTC'],
  ['2026-11-29T21:56:05Z', '2026-11-29 21:56 UTC'],
  ['2026-11-29T21:56:05+02:00', '2026-11-29T21:56:05+02:00'],
  ['yesterday', 'yesterday'],
] as const) {
  test(`a time is written to the minute: ${iso}`, () => assert.equal(writeDate(iso), written));
}
