import type { Attempts, WatchJournal } from './journal.ts';

export interface Patience {
  readonly intervalMs: number;
  readonly leaseDurationMs: number;
}

/** Consecutive failures that make a replica not ready. One or two can be an API server that restarts. */
const FAILURES = 3;

/**
 * Returns why a replica of the publisher is not ready; empty if it is ready. The leader is ready once it has
 * checked the publication, the others once they have read the Lease, and until that has failed for a while.
 */
export function watchReasons(
  journal: Pick<WatchJournal, 'looks' | 'term'>,
  { intervalMs, leaseDurationMs }: Patience,
  nowMs: number,
): readonly string[] {
  const looks = journal.looks();
  const term = journal.term();
  if (term) return reasons('publication', 'checked', term.checks, FAILURES * intervalMs, nowMs);
  if (looks) return reasons('Lease', 'read', looks, FAILURES * leaseDurationMs, nowMs);
  return ['publication not checked yet'];
}

function reasons(
  object: string,
  done: string,
  { sinceMs, lastSuccessMs, failure }: Attempts,
  patienceMs: number,
  nowMs: number,
): readonly string[] {
  const forMs = nowMs - (lastSuccessMs ?? sinceMs);
  if (lastSuccessMs !== undefined && forMs <= patienceMs) return [];
  const why = failure === undefined ? '' : `: ${failure}`;
  return lastSuccessMs === undefined
    ? [`${object} not ${done} yet${why}`]
    : [`${object} not ${done} for ${Math.floor(forMs / 1_000)} s${why}`];
}
