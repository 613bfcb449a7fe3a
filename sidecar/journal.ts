import type { ExchangeResult } from '../credentials/session-keeper.ts';
import type { Logger } from '../lib/logger.ts';
import type { Metric } from './metrics.ts';

/** Difference of clocks worth a warning. AWS refuses signatures that are off by more than five minutes. */
const CLOCK_WARNING_MS = 60_000;

/** Log and metrics of the sidecar's work. */
export interface Journal {
  readonly exchanged: (result: ExchangeResult) => void;
  readonly answered: (status: number) => void;
  readonly metrics: () => readonly Metric[];
}

export function openJournal(logger: Logger): Journal {
  const exchanges = { succeeded: 0, failed: 0 };
  const answers = new Map<number, number>([[200, 0]]);
  let expiresAt: number | undefined;

  function exchanged(result: ExchangeResult): void {
    if ('failure' in result) {
      exchanges.failed += 1;
      const retryInSeconds = Math.round(result.retryInMs / 100) / 10;
      logger.warn({ err: result.failure, retryInSeconds }, 'exchange failed');
      return;
    }
    exchanges.succeeded += 1;
    const { session, clockAheadMs } = result.exchanged;
    expiresAt = session.expiration.getTime() / 1_000;
    const renewInSeconds = Math.round(result.renewInMs / 1_000);
    logger.info({ expiration: session.expiration, renewInSeconds }, 'session obtained');
    if (clockAheadMs !== undefined && Math.abs(clockAheadMs) > CLOCK_WARNING_MS) {
      const clockAheadSeconds = Math.round(clockAheadMs / 1_000);
      logger.warn({ clockAheadSeconds }, 'the clock of this machine differs from that of STS');
    }
  }

  return {
    exchanged,
    answered: (status) => answers.set(status, (answers.get(status) ?? 0) + 1),
    metrics: () => [
      {
        name: 'podrole_exchanges_total',
        type: 'counter',
        help: 'Exchanges of the token for a session, by result',
        samples: Object.entries(exchanges).map(([result, count]) => [`result="${result}"`, count]),
      },
      {
        name: 'podrole_session_expiry_timestamp_seconds',
        type: 'gauge',
        help: 'When the session that is served expires',
        samples: [['', expiresAt]],
      },
      {
        name: 'podrole_sidecar_requests_total',
        type: 'counter',
        help: 'Requests of the workload, by status of the answer',
        samples: [...answers].map(([status, count]) => [`status="${status}"`, count]),
      },
    ],
  };
}
