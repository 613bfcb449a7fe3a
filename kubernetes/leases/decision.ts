import { type LeaseRecord, microTime } from './record.ts';

/**
 * The times of a leader election. Whoever sees a renewal waits `durationMs` before it takes the Lease; the leader stops
 * `renewDeadlineMs` after it sent its last renewal that succeeded, which is before anybody saw it. So never two lead, as long as no
 * clock runs faster than another by the ratio of the two.
 */
export interface LeaseTiming {
  readonly durationMs: number;
  readonly renewDeadlineMs: number;
  /** Time between two renewals of a leader; the others ask as often or, by jitter, more seldom. */
  readonly retryMs: number;
}

/** 15 s, 10 s and 2 s are the defaults of client-go's leaderelection; other durations keep their ratio. */
export function leaseTiming(durationMs: number): LeaseTiming {
  return { durationMs, renewDeadlineMs: (durationMs * 2) / 3, retryMs: (durationMs * 2) / 15 };
}

/** A Lease's record, and since when it has been seen to be just that, by the clock of who looks. */
export interface SeenLease {
  /** Undefined where there is no Lease. */
  readonly record: LeaseRecord | undefined;
  readonly sinceMs: number;
}

/** What is known after a look: a record that has not changed keeps its time. */
export function seeLease(
  seen: SeenLease | undefined,
  record: LeaseRecord | undefined,
  nowMs: number,
): SeenLease {
  const isSame = seen !== undefined && JSON.stringify(seen.record) === JSON.stringify(record);
  return isSame ? seen : { record, sinceMs: nowMs };
}

/**
 * What a candidate does about a Lease: `take` it, `renew` what it holds, or `wait` for another holder to fall silent. Times in the
 * record are not looked at: they are of another machine's clock.
 */
export function decideLease(
  { record, sinceMs }: SeenLease,
  identity: string,
  { durationMs }: LeaseTiming,
  nowMs: number,
): 'take' | 'renew' | 'wait' {
  if (record === undefined || record.holder === '') return 'take';
  if (record.holder === identity) return 'renew';
  // A holder that runs with a longer duration may be in no hurry.
  const longestMs = Math.max(durationMs, record.durationSeconds * 1_000);
  return nowMs - sinceMs < longestMs ? 'wait' : 'take';
}

/** The record by which a candidate takes the Lease or renews it. */
export function heldRecord(
  previous: LeaseRecord | undefined,
  identity: string,
  { durationMs }: LeaseTiming,
  now: Date,
): LeaseRecord {
  const isOurs = previous?.holder === identity;
  const time = microTime(now);
  return {
    holder: identity,
    durationSeconds: Math.ceil(durationMs / 1_000),
    acquireTime: isOurs ? previous.acquireTime : time,
    renewTime: time,
    transitions: (previous?.transitions ?? 0) + (isOurs || !previous ? 0 : 1),
  };
}

/** The record by which a leader gives the Lease back: whoever looks next may take it. A duration of zero is refused. [k8s] LeaseSpec */
export function releasedRecord({ transitions }: LeaseRecord, now: Date): LeaseRecord {
  const time = microTime(now);
  return { holder: '', durationSeconds: 1, acquireTime: time, renewTime: time, transitions };
}
