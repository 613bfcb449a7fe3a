import { type LeaseRecord, microTime } from './record.ts';

/**
 * Times of a leader election. A candidate that sees a renewal waits `durationMs` before it takes the Lease.
 * The leader stops `renewDeadlineMs` after it sent its last renewal that succeeded, so before anybody saw
 * that one. Two never lead at once, unless one clock runs faster than another by the ratio of the two times.
 */
export interface LeaseTiming {
  readonly durationMs: number;
  readonly renewDeadlineMs: number;
  /** Time between two renewals of a leader. The others ask as often or, because of jitter, less often. */
  readonly retryMs: number;
}

/**
 * Returns the times for a duration, in the ratio of client-go's defaults: 15 s, 10 s and 2 s. [client-go]
 * leaderelection
 */
export function leaseTiming(durationMs: number): LeaseTiming {
  return { durationMs, renewDeadlineMs: (durationMs * 2) / 3, retryMs: (durationMs * 2) / 15 };
}

/** Record of a Lease, and since when it has not changed, by the clock of the candidate that reads it. */
export interface SeenLease {
  /** Undefined if there is no Lease. */
  readonly record: LeaseRecord | undefined;
  readonly sinceMs: number;
}

/** Returns what is known after a read: a record that has not changed keeps its time. */
export function seeLease(
  seen: SeenLease | undefined,
  record: LeaseRecord | undefined,
  nowMs: number,
): SeenLease {
  const isSame = seen !== undefined && JSON.stringify(seen.record) === JSON.stringify(record);
  return isSame ? seen : { record, sinceMs: nowMs };
}

/**
 * Decides what a candidate does about a Lease: `take` it, `renew` it as its holder, or `wait` until another
 * holder falls silent. The times in the record are ignored: they are from another machine's clock.
 */
export function decideLease(
  { record, sinceMs }: SeenLease,
  identity: string,
  { durationMs }: LeaseTiming,
  nowMs: number,
): 'take' | 'renew' | 'wait' {
  if (record === undefined || record.holder === '') return 'take';
  if (record.holder === identity) return 'renew';
  // A holder with a longer duration renews less often.
  const longestMs = Math.max(durationMs, record.durationSeconds * 1_000);
  return nowMs - sinceMs < longestMs ? 'wait' : 'take';
}

/** Returns the record to write in order to take the Lease or to renew it. */
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

/**
 * Returns the record to write in order to give the Lease back: the next candidate may take it. The API server
 * refuses a duration of zero. [k8s] LeaseSpec
 */
export function releasedRecord({ transitions }: LeaseRecord, now: Date): LeaseRecord {
  const time = microTime(now);
  return { holder: '', durationSeconds: 1, acquireTime: time, renewTime: time, transitions };
}
