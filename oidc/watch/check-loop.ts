import { type Backoff, backoffMs } from '../../lib/backoff.ts';
import { type Clock, pause } from '../../lib/clock.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/surroundings.ts';
import { applyPublication, type PublicationRequest, planPublication } from '../publication/publish.ts';
import type { WatchJournal } from './journal.ts';

export interface WatchOptions {
  /** Returns what to publish now. What it throws is logged, and the check is tried again. */
  readonly prepare: (signal: AbortSignal) => Promise<PublicationRequest>;
  /** From the start of one check to the start of the next. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: WatchJournal;
  readonly logger: Logger;
}

/** After a failure; doubled with each, up to the interval. */
const FIRST_RETRY_MS = 1_000;
/** Pause after a check that took longer than the interval, so that the target gets some rest. */
const LEAST_PAUSE_MS = 1_000;
/** Time after which a check is given up. */
const CHECK_LIMIT_MS = 60_000;

/**
 * Keeps a publication as it should be until the signal: checks it at once and then at each interval, and
 * writes what differs. A failed check is logged and tried again. At the end, the document in progress is
 * written completely or not at all.
 */
export async function watchPublication(options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { intervalMs, clock, random, journal, logger } = options;
  journal.termBegan();
  for (let failures = 0; !signal.aborted; ) {
    const beganMs = clock.monotonicMs();
    try {
      await checkOnce(options, signal);
      failures = 0;
    } catch (thrown) {
      if (signal.aborted) break;
      failures += 1;
      journal.failed(thrown);
      logger.warn({ err: thrown, failures }, 'check of the publication failed');
    }
    const tookMs = clock.monotonicMs() - beganMs;
    const backoff: Backoff = { firstMs: FIRST_RETRY_MS, longestMs: intervalMs };
    const delayMs =
      failures === 0 ? Math.max(LEAST_PAUSE_MS, intervalMs - tookMs) : backoffMs(backoff, failures, random());
    await pause(clock, delayMs, signal);
  }
  journal.termEnded();
}

async function checkOnce(
  { prepare, clock, journal, logger }: WatchOptions,
  signal: AbortSignal,
): Promise<void> {
  const tooLong = new AbortController();
  const cancel = clock.after(CHECK_LIMIT_MS, () => tooLong.abort(checkTimeout()));
  try {
    const limit = AbortSignal.any([signal, tooLong.signal]);
    const plan = await planPublication(await prepare(limit));
    limit.throwIfAborted();
    const target = plan.request.target.name;
    if (plan.writes.length === 0) {
      const keys = plan.published.jwks.keys.length;
      journal.checked('unchanged', keys);
      logger.debug({ target, keys }, 'publication is as it should be');
      return;
    }
    journal.driftSeen();
    const { written, plan: carriedOut } = await applyPublication(plan);
    const keys = carriedOut.published.jwks.keys.length;
    journal.checked('published', keys);
    const changes = carriedOut.keys.flatMap(({ kid, state }) => (state === 'kept' ? [] : [{ kid, state }]));
    logger.info({ target, written, keys, changes }, 'published');
  } finally {
    cancel();
    // Node keeps a combined signal that has listeners until one of its parts is aborted.
    tooLong.abort();
  }
}

function checkTimeout(): PodroleError {
  return new PodroleError({
    code: 'CHECK_TIMEOUT',
    object: 'publication',
    problem: `was not checked within ${CHECK_LIMIT_MS / 1_000} s`,
    remedy: 'check that the API server and the target answer; podrole tries again',
  });
}
