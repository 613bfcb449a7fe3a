import { atMostEvery } from '../../lib/at-most-every.ts';
import type { Logger } from '../../lib/logger.ts';

export interface RefusedCallers {
  readonly logger: Pick<Logger, 'warn'>;
  readonly monotonicMs: () => number;
  /** Called for each caller that was refused. */
  readonly count: () => void;
}

/** Strangers must not fill the log: one line covers all callers that are refused within this time. */
const QUIET_MS = 60_000;

/**
 * Returns a function that reports a caller whom `--client-ca` or `--client-name` refuses, with the reason. An
 * API server whose certificate has expired is refused like a stranger, so the administrator has to see it
 * here.
 */
export function reportRefusedCallers({
  logger,
  monotonicMs,
  count,
}: RefusedCallers): (reason: string) => void {
  const mayLog = atMostEvery(QUIET_MS, monotonicMs);
  return (reason) => {
    count();
    if (mayLog())
      logger.warn({ reason }, 'caller refused; if it was the API server, renew its client certificate');
  };
}
