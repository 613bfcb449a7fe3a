import type { Logger } from '../../lib/logger.ts';
import type { ExchangeResult } from '../session-keeper.ts';
import { refusalOf } from './refusal-of.ts';

export interface ExchangeJournal {
  readonly logger: Logger;
  /** refused: STS answered that the role is not for this workload. */
  readonly count: (result: 'succeeded' | 'refused' | 'failed') => void;
}

/**
 * Logs and counts an exchange for a workload.
 * @param subject whose exchange it is, for the log
 */
export function recordExchange(
  { logger, count }: ExchangeJournal,
  subject: Readonly<Record<string, string | undefined>>,
  result: ExchangeResult,
): void {
  if ('failure' in result) {
    count(refusalOf(result) ? 'refused' : 'failed');
    const retryInSeconds = Math.round(result.retryInMs / 100) / 10;
    logger.warn({ ...subject, err: result.failure, retryInSeconds }, 'exchange failed');
    return;
  }
  count('succeeded');
  const renewInSeconds = Math.round(result.renewInMs / 1_000);
  const { expiration } = result.exchanged.session;
  logger.info({ ...subject, expiration, renewInSeconds }, 'session obtained');
}
