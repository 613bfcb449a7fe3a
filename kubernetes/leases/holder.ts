import type { Clock } from '../../lib/clock.ts';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import type { Limits } from '../api-client.ts';
import {
  decideLease,
  heldRecord,
  type LeaseTiming,
  releasedRecord,
  type SeenLease,
  seeLease,
} from './decision.ts';
import type { StoredLease } from './record.ts';
import type { LeaseStore } from './store.ts';

export interface LeaseHolderOptions {
  readonly store: LeaseStore;
  /** Unique to this run of this process. */
  readonly identity: string;
  readonly timing: LeaseTiming;
  readonly clock: Clock;
}

/**
 * Held until a moment of this process's monotonic clock, or not. `raced`: another candidate has changed the
 * Lease.
 */
export type HoldResult =
  | { readonly state: 'held'; readonly untilMs: number }
  | { readonly state: 'other'; readonly holder: string }
  | { readonly state: 'raced' };

export interface LeaseHolder {
  /**
   * Tries once to take the Lease or to renew it.
   * @param signal ends a read but not a write: nobody would know whether an abandoned write was made
   * @throws PodroleError like LeaseStore
   */
  hold(signal: AbortSignal): Promise<HoldResult>;
  /**
   * Gives the Lease back if it is held.
   * @throws PodroleError like LeaseStore
   */
  release(): Promise<void>;
}

/** Creates a candidate for a Lease, which remembers the Lease as it was last seen. */
export function createLeaseHolder({ store, identity, timing, clock }: LeaseHolderOptions): LeaseHolder {
  // Two attempts fit in before a leader must stop.
  const timeoutMs = timing.renewDeadlineMs / 2;
  let seen: SeenLease | undefined;
  /** The Lease as this candidate wrote it last, so that it need not be read before it is renewed. */
  let ours: StoredLease | undefined;

  async function look(limits: Limits): Promise<{ stored: StoredLease | undefined; known: SeenLease }> {
    const stored = ours ?? (await store.read(limits));
    const known = seeLease(seen, stored?.record, clock.monotonicMs());
    seen = known;
    return { stored, known };
  }

  return {
    hold: async (signal) => {
      const { stored, known } = await look({ timeoutMs, signal });
      if (decideLease(known, identity, timing, clock.monotonicMs()) === 'wait') {
        return { state: 'other', holder: stored?.record.holder ?? '' };
      }
      const sentMs = clock.monotonicMs();
      // Until the answer comes, the state of the Lease is unknown.
      ours = undefined;
      const record = heldRecord(stored?.record, identity, timing, clock.now());
      const written = await store.write(record, stored, { timeoutMs, signal: NEVER_ABORTED });
      if (written === 'raced') return { state: 'raced' };
      ours = written;
      return { state: 'held', untilMs: sentMs + timing.renewDeadlineMs };
    },
    release: async () => {
      const limits = { timeoutMs, signal: NEVER_ABORTED };
      const { stored } = await look(limits);
      if (stored?.record.holder !== identity) return;
      ours = undefined;
      await store.write(releasedRecord(stored.record, clock.now()), stored, limits);
    },
  };
}
