import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideLease, heldRecord, leaseTiming, releasedRecord, seeLease } from './decision.ts';
import { type LeaseRecord, microTime } from './record.ts';

const TIMING = leaseTiming(15_000);
const NOW = new Date('2026-03-04T05:06:07.089Z');
const RECORD: LeaseRecord = {
  holder: 'other',
  durationSeconds: 15,
  acquireTime: '2026-01-01T00:00:00.000000Z',
  renewTime: '2026-01-01T00:00:02.000000Z',
  transitions: 3,
};

test('the times are those of client-go, whatever the duration in their ratio', () => {
  assert.deepEqual(TIMING, { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 });
  assert.deepEqual(leaseTiming(60_000), { durationMs: 60_000, renewDeadlineMs: 40_000, retryMs: 8_000 });
});

const cases: readonly (readonly [string, LeaseRecord | undefined, number, 'take' | 'renew' | 'wait'])[] = [
  ['no Lease', undefined, 0, 'take'],
  ['a Lease that was given back', { ...RECORD, holder: '', durationSeconds: 1 }, 0, 'take'],
  ['a Lease that another has just renewed', RECORD, 0, 'wait'],
  ['a Lease that another has not renewed for almost its duration', RECORD, 14_999, 'wait'],
  ['a Lease that another has let run out', RECORD, 15_000, 'take'],
  ['a Lease of a holder with a longer duration', { ...RECORD, durationSeconds: 60 }, 59_999, 'wait'],
  ['a Lease of a holder with a longer duration, run out', { ...RECORD, durationSeconds: 60 }, 60_000, 'take'],
  ['a Lease of a holder with a shorter duration', { ...RECORD, durationSeconds: 1 }, 14_999, 'wait'],
  ['the own Lease', { ...RECORD, holder: 'me' }, 0, 'renew'],
  ['the own Lease, run out and not taken', { ...RECORD, holder: 'me' }, 100_000, 'renew'],
];
for (const [name, record, forMs, expected] of cases) {
  test(`${expected}: ${name}`, () => {
    const sinceMs = 1_000_000;
    assert.equal(decideLease({ record, sinceMs }, 'me', TIMING, sinceMs + forMs), expected);
  });
}

test('a record is seen since it last changed in any member', () => {
  const seen = seeLease(undefined, RECORD, 10);
  assert.deepEqual(seen, { record: RECORD, sinceMs: 10 });
  assert.equal(seeLease(seen, { ...RECORD }, 20).sinceMs, 10);
  assert.equal(seeLease(seen, { ...RECORD, renewTime: 'later' }, 20).sinceMs, 20);
  assert.equal(seeLease(seen, undefined, 20).sinceMs, 20);
});

test('taking the Lease counts a transition and sets a new time, renewing does neither', () => {
  const time = '2026-03-04T05:06:07.089000Z';
  const taken = heldRecord(RECORD, 'me', TIMING, NOW);
  assert.deepEqual(taken, {
    holder: 'me',
    durationSeconds: 15,
    acquireTime: time,
    renewTime: time,
    transitions: 4,
  });
  const later = new Date(NOW.getTime() + 2_000);
  assert.deepEqual(heldRecord(taken, 'me', TIMING, later), { ...taken, renewTime: microTime(later) });
  assert.equal(heldRecord(undefined, 'me', TIMING, NOW).transitions, 0);
  assert.equal(heldRecord(undefined, 'me', leaseTiming(2_500), NOW).durationSeconds, 3);
});

test('a Lease is given back without a holder and with the least duration that the API server takes', () => {
  const released = releasedRecord(RECORD, NOW);
  assert.equal(released.holder, '');
  assert.equal(released.durationSeconds, 1);
  assert.equal(released.transitions, 3);
});
