import { type Clock, pause } from '../../lib/clock.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/surroundings.ts';
import type { LeaseTiming } from './decision.ts';
import { createLeaseHolder, type HoldResult, type LeaseHolder } from './holder.ts';
import type { LeaseStore } from './store.ts';

export interface ElectionOptions {
  readonly store: LeaseStore;
  /** Unique to this run of this process. */
  readonly identity: string;
  readonly timing: LeaseTiming;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /**
   * Work of a leader. It must end soon after its signal is aborted, at the end of the election or when the
   * Lease is lost. Until it has ended, the Lease is neither given back nor asked for.
   */
  readonly lead: (signal: AbortSignal) => Promise<void>;
  /** Called after each attempt, with the error if the Lease could not be read or written. */
  readonly onLook: (failure?: unknown) => void;
}

/** Candidates that start together should not ask together. client-go, leaderelection.JitterFactor */
const JITTER_FACTOR = 1.2;

/**
 * Takes part in the election until the signal is aborted. Leads while it holds the Lease, and gives it back
 * at the end, so that the next leader need not wait until it expires. Goes on if the API server does not
 * answer.
 * @throws what the work throws
 */
export async function runElection(options: ElectionOptions, signal: AbortSignal): Promise<void> {
  const { timing, clock, random, logger, store } = options;
  const holder = createLeaseHolder(options);
  let wasLeader = false;
  try {
    while (!signal.aborted) {
      const result = await attempt(holder, options, signal);
      if (result?.state === 'held') {
        wasLeader = true;
        await serveTerm(holder, result.untilMs, options, signal);
      }
      await pause(clock, timing.retryMs * (1 + JITTER_FACTOR * random()), signal);
    }
  } finally {
    if (wasLeader) await release(holder, store, logger);
  }
}

/** Leads, and renews the Lease, until the work has ended or the Lease is lost. */
async function serveTerm(
  holder: LeaseHolder,
  untilMs: number,
  options: ElectionOptions,
  signal: AbortSignal,
): Promise<void> {
  const { lead, timing, clock, logger, store, identity } = options;
  const lost = new AbortController();
  const ended = new AbortController();
  const expire = () => lost.abort(leaseLost(store, 'could not be renewed in time'));
  let cancelExpiry = clock.after(untilMs - clock.monotonicMs(), expire);
  logger.info({ lease: store.name, identity }, 'leading');
  const work = lead(AbortSignal.any([signal, lost.signal]));
  const end = () => ended.abort();
  work.then(end, end);
  const over = AbortSignal.any([ended.signal, lost.signal]);
  for (;;) {
    await pause(clock, timing.retryMs, over);
    if (over.aborted) break;
    const result = await attempt(holder, options, over);
    if (result?.state === 'held' && !over.aborted) {
      cancelExpiry();
      cancelExpiry = clock.after(result.untilMs - clock.monotonicMs(), expire);
    } else if (result?.state === 'other') lost.abort(leaseLost(store, `is held by ${result.holder}`));
  }
  cancelExpiry();
  if (lost.signal.aborted) logger.warn({ err: lost.signal.reason }, 'no longer leading');
  await work;
}

async function attempt(
  holder: LeaseHolder,
  { onLook, logger }: ElectionOptions,
  signal: AbortSignal,
): Promise<HoldResult | undefined> {
  try {
    const result = await holder.hold(signal);
    onLook();
    return result;
  } catch (thrown) {
    if (signal.aborted) return undefined;
    onLook(thrown);
    logger.warn({ err: thrown }, 'attempt at the Lease failed');
    return undefined;
  }
}

/** Gives the Lease back. If that fails, the Lease expires by itself. */
async function release(holder: LeaseHolder, { name }: LeaseStore, logger: Logger): Promise<void> {
  try {
    await holder.release();
    logger.info({ lease: name }, 'Lease given back');
  } catch (thrown) {
    logger.warn({ err: thrown }, 'Lease not given back: the next leader waits until it expires');
  }
}

function leaseLost(store: LeaseStore, problem: string): PodroleError {
  return new PodroleError({
    code: 'LEASE_LOST',
    object: store.name,
    problem,
    remedy: 'none needed: the work stops here, and the holder of the Lease goes on with it',
  });
}
