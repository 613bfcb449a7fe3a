import type { ExchangeResult } from '../credentials/session-keeper.ts';
import type { Logger } from '../lib/logger.ts';
import { refusalOf } from './events/refusal-of.ts';
import type { AgentMetrics } from './metrics.ts';
import type { Grant } from './pods/grant.ts';
import type { NodePod } from './pods/node-pod.ts';

/** Logs and counts an exchange for a pod. */
export function recordExchange(
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Pick<AgentMetrics, 'exchanged'> },
  { namespace, name }: NodePod,
  { role, target }: Grant,
  result: ExchangeResult,
): void {
  const subject = { pod: `${namespace}/${name}`, role: role.arn, target: target?.role.arn };
  if ('failure' in result) {
    metrics.exchanged(refusalOf(result) ? 'refused' : 'failed');
    const retryInSeconds = Math.round(result.retryInMs / 100) / 10;
    logger.warn({ ...subject, err: result.failure, retryInSeconds }, 'exchange failed');
    return;
  }
  metrics.exchanged('succeeded');
  const renewInSeconds = Math.round(result.renewInMs / 1_000);
  const { expiration } = result.exchanged.session;
  logger.info({ ...subject, expiration, renewInSeconds }, 'session obtained');
}
