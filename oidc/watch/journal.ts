import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';

export type PublishResult = 'unchanged' | 'published' | 'failed';

/**
 * Record of a repeated action: when the attempts began, when one last succeeded, and why it has failed since.
 */
export interface Attempts {
  /** By the monotonic clock, like lastSuccessMs. */
  readonly sinceMs: number;
  readonly lastSuccessMs: number | undefined;
  readonly failure: string | undefined;
}

/**
 * Record of this replica's term as leader. A replica that does not lead knows nothing about the publication.
 */
export interface Term {
  readonly checks: Attempts;
  /** Wall-clock time of the last successful check. */
  readonly lastSuccess: Date | undefined;
  /** Keys in the published set. */
  readonly keys: number | undefined;
  /** True while the target differs from what should be there and could not be corrected. */
  readonly hasDrift: boolean | undefined;
}

/** The data behind metrics and readiness. */
export interface WatchJournal {
  /** Undefined if there is no election. */
  readonly looks: () => Attempts | undefined;
  /** Undefined while another replica leads. */
  readonly term: () => Term | undefined;
  readonly results: Readonly<Record<PublishResult, number>>;

  readonly looked: (failure?: unknown) => void;
  readonly termBegan: () => void;
  readonly termEnded: () => void;
  /** The target differs from what should be there. */
  readonly driftSeen: () => void;
  /** The target is as it should be. */
  readonly checked: (result: Exclude<PublishResult, 'failed'>, keys: number) => void;
  readonly failed: (thrown: unknown) => void;
}

/** @param hasElection true if a Lease decides who leads */
export function createWatchJournal(clock: Clock, hasElection: boolean): WatchJournal {
  const begin = (): Attempts => ({
    sinceMs: clock.monotonicMs(),
    lastSuccessMs: undefined,
    failure: undefined,
  });
  const succeeded = (attempts: Attempts): Attempts => ({
    ...attempts,
    lastSuccessMs: clock.monotonicMs(),
    failure: undefined,
  });
  const results = { unchanged: 0, published: 0, failed: 0 };
  let looks = hasElection ? begin() : undefined;
  let term: Term | undefined;
  return {
    looks: () => looks,
    term: () => term,
    results,
    looked: (failure) => {
      if (looks) looks = failure === undefined ? succeeded(looks) : { ...looks, failure: messageOf(failure) };
    },
    termBegan: () => {
      term = { checks: begin(), lastSuccess: undefined, keys: undefined, hasDrift: undefined };
    },
    termEnded: () => {
      term = undefined;
    },
    driftSeen: () => {
      if (term) term = { ...term, hasDrift: true };
    },
    checked: (result, keys) => {
      results[result] += 1;
      if (term) term = { checks: succeeded(term.checks), lastSuccess: clock.now(), keys, hasDrift: false };
    },
    failed: (thrown) => {
      results.failed += 1;
      if (term) term = { ...term, checks: { ...term.checks, failure: messageOf(thrown) } };
    },
  };
}
