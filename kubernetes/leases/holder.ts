import type { Clock } from '../../lib/clock.ts';
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
  /** Unlike that of any other process, also of this one's earlier lives. */
  readonly identity: string;
  readonly timing: LeaseTiming;
  readonly clock: Clock;
}

/** Held until a moment of the own monotonic clock, or not: `raced` says that a look now would show something new. */
export type HoldResult =
  | { readonly state: 'held'; readonly untilMs: number }
  | { readonly state: 'other'; readonly holder: string }
  | { readonly state: 'raced' };

export interface LeaseHolder {
  /**
   * One attempt to take the Lease or to renew it.
   * @param signal ends a look, and no write: of one that is given up nobody knows whether it was made
   * @throws PodroleError as LeaseStore does
   */
  hold(signal: AbortSignal): Promise<HoldResult>;
  /**
   * Gives the Lease back where it is held.
   * @throws PodroleError as LeaseStore does
   */
  release(): Promise<void>;
}

const NEVER = new AbortController().signal;

/** One candidate for a Lease; it keeps what it has seen of it. */
export function createLeaseHolder({ store, identity, timing, clock }: LeaseHolderOptions): LeaseHolder {
  // Two attempts fit in before a leader must stop.
  const timeoutMs = timing.renewDeadlineMs / 2;
  let seen: SeenLease | undefined;
  /** The Lease as this candidate wrote it last: it need not be read before it is renewed. */
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
      // Until the answer it is not known what the Lease is.
      ours = undefined;
      const record = heldRecord(stored?.record, identity, timing, clock.now());
      const written = await store.write(record, stored, { timeoutMs, signal: NEVER });
      if (written === 'raced') return { state: 'raced' };
      ours = written;
      return { state: 'held', untilMs: sentMs + timing.renewDeadlineMs };
    },
    release: async () => {
      const limits = { timeoutMs, signal: NEVER };
      const { stored } = await look(limits);
      if (stored?.record.holder !== identity) return;
      ours = undefined;
      await store.write(releasedRecord(stored.record, clock.now()), stored, limits);
    },
  };
}
