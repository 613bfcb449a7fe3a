import { CHAINED_SESSION_MAX_SECONDS } from '../../lib/contract/sts.ts';
import type { ExchangedSession } from '../exchange/exchange.ts';
import type { Session } from '../session.ts';
import { assumeRole, type SignedCallSurroundings } from './assume-role.ts';
import { targetRemedies } from './target-remedies.ts';
import type { TargetRole } from './target-role.ts';

/** Everything that an AssumeRole needs besides the session that signs it and the role. */
export interface TargetSurroundings extends SignedCallSurroundings {
  readonly sessionName: string;
  /** Lifetime to ask for. STS gives a chained session an hour at most, so no more is asked for. */
  readonly durationSeconds: number;
}

/**
 * Assumes a target role with the session of a pod's own role: a signed AssumeRole with external id and
 * session tags. The tags are transitive, as those of EKS Pod Identity: if the workload assumes another role,
 * that session has them too, and cannot change them. EKS User Guide, "Cross-account tags"
 * @throws ExchangeError
 */
export async function assumeTarget(
  base: Session,
  target: TargetRole,
  surroundings: TargetSurroundings,
): Promise<ExchangedSession> {
  const { roleArn, externalId, tags } = target;
  const { sessionName } = surroundings;
  const durationSeconds = Math.min(surroundings.durationSeconds, CHAINED_SESSION_MAX_SECONDS);
  const remedies = targetRemedies(target);
  const request = { roleArn, sessionName, durationSeconds, externalId, tags, remedies };
  return assumeRole(base, { ...request, areTagsTransitive: true }, surroundings);
}
