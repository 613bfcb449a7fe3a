import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sessionLifetime } from './session-lifetime.ts';

const ASKED_AT = Date.parse('2026-11-24T12:00:00Z');
const HOUR = 3_600_000;

function lifetime(expiration: number, stsNow: number | undefined, now = ASKED_AT + 200, askedAt = ASKED_AT) {
  const found = sessionLifetime({
    askedAt: new Date(askedAt),
    now: new Date(now),
    durationMs: HOUR,
    expiration: new Date(expiration),
    stsNow: stsNow === undefined ? undefined : new Date(stsNow),
  });
  return [found.lifetimeMs, found.expiration.getTime()];
}

test('a session lives as STS says, by the clock of STS', () => {
  assert.deepEqual(lifetime(ASKED_AT + HOUR, ASKED_AT), [HOUR, ASKED_AT + HOUR]);
  assert.deepEqual(
    lifetime(ASKED_AT + HOUR / 4, ASKED_AT),
    [HOUR / 4, ASKED_AT + HOUR / 4],
    'shorter than asked for',
  );
  assert.deepEqual(
    lifetime(ASKED_AT - HOUR, ASKED_AT - 2 * HOUR),
    [HOUR, ASKED_AT - HOUR],
    'this clock is ahead',
  );
  assert.deepEqual(
    lifetime(ASKED_AT + 3 * HOUR, ASKED_AT + 2 * HOUR),
    [HOUR, ASKED_AT + HOUR],
    'this clock is behind',
  );
  assert.deepEqual(
    lifetime(ASKED_AT + HOUR, undefined),
    [HOUR - 200, ASKED_AT + HOUR],
    'STS does not send its time',
  );
});

test('an answer dated 1970 keeps no session alive that has ended', () => {
  assert.equal(lifetime(ASKED_AT - 1_000, 0)[0], -1_200);
  assert.equal(lifetime(ASKED_AT - 6 * HOUR, 0)[0], -6 * HOUR - 200);
  assert.deepEqual(lifetime(ASKED_AT + HOUR / 2, 0), [HOUR / 2 - 200, ASKED_AT + HOUR / 2]);
  assert.deepEqual(lifetime(ASKED_AT + HOUR, ASKED_AT - 3 * HOUR)[0], HOUR - 200, 'dated three hours ago');
});

test('an end in the far future is cut to what was asked for', () => {
  for (const end of [ASKED_AT + HOUR + 1, ASKED_AT + 12 * HOUR, Date.parse('9999-12-31T23:59:59Z')]) {
    for (const stsNow of [undefined, 0, ASKED_AT, Date.parse('9999-12-31T00:00:00Z')]) {
      const [ms = 0, expiration = 0] = lifetime(end, stsNow);
      assert.ok(ms <= HOUR && expiration <= ASKED_AT + HOUR, `${end} ${stsNow}`);
    }
  }
});

test('the end is a whole second, also when it is cut to what was asked for', () => {
  // Asked 31 ms before the second turns, answered after: the end that STS gives is 31 ms too late.
  const askedAt = ASKED_AT - 31;
  assert.equal(lifetime(ASKED_AT + HOUR, ASKED_AT, ASKED_AT + 5, askedAt)[1], ASKED_AT + HOUR - 1_000);
  assert.equal(lifetime(ASKED_AT + HOUR / 2 + 7, ASKED_AT, ASKED_AT + 5, askedAt)[1], ASKED_AT + HOUR / 2);
});

test('a session that ended before the answer has no lifetime left', () => {
  assert.ok((lifetime(ASKED_AT, ASKED_AT)[0] ?? 1) <= 0);
  assert.ok((lifetime(ASKED_AT + HOUR, ASKED_AT + 2 * HOUR)[0] ?? 1) <= 0, 'by its own clock');
  assert.ok((lifetime(0, undefined)[0] ?? 1) <= 0);
});

test('whatever STS says, nothing lives longer than was asked for', () => {
  const time = fc.integer({ min: -8.64e15, max: 8.64e15 });
  fc.assert(
    fc.property(time, fc.option(time, { nil: undefined }), fc.nat(30_000), (end, stsNow, tookMs) => {
      const [ms = Number.NaN, expiration = Number.NaN] = lifetime(end, stsNow, ASKED_AT + tookMs);
      assert.ok(ms <= HOUR && expiration <= ASKED_AT + HOUR && expiration <= end);
      if (stsNow === undefined) assert.ok(ms <= end - ASKED_AT - tookMs);
    }),
  );
});
