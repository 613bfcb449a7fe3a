import {
  CHAINED_SESSION_MAX_SECONDS,
  SIGNATURE_CLOCK_SKEW_SECONDS,
  STS_API,
} from '../../lib/contract/sts.ts';
import { askForSession, type ExchangedSession, objectOf } from '../exchange/exchange.ts';
import { ExchangeError } from '../exchange/exchange-error.ts';
import type { StsAddress } from '../exchange/sts-address.ts';
import type { Session } from '../session.ts';
import { isSessionOf } from './session-of-role.ts';
import { signingRegion } from './signing-region.ts';
import { targetRemedies } from './target-remedies.ts';
import type { TargetRole } from './target-role.ts';

/** Everything that an AssumeRole needs besides the session that signs it and the role. */
export interface TargetSurroundings extends StsAddress {
  /** Region of the signature, unless the endpoint names one. */
  readonly region: string;
  readonly sessionName: string;
  /** Lifetime to ask for. STS gives a chained session an hour at most, so no more is asked for. */
  readonly durationSeconds: number;
  readonly now: () => Date;
  /** As the exchange of the base session found it. */
  readonly clockAheadMs: number | undefined;
  /** Ends the call when the process stops. */
  readonly signal: AbortSignal;
}

/**
 * Assumes a target role with the session of a pod's own role: a signed AssumeRole with external id and
 * session tags.
 * @throws ExchangeError
 */
export async function assumeTarget(
  base: Session,
  target: TargetRole,
  surroundings: TargetSurroundings,
): Promise<ExchangedSession> {
  const { endpoint, region, sessionName, now, clockAheadMs } = surroundings;
  const durationSeconds = Math.min(surroundings.durationSeconds, CHAINED_SESSION_MAX_SECONDS);
  const form = formFor(target, sessionName, durationSeconds);
  // The signer and what it imports are loaded only for a target: they would cost memory in each sidecar.
  const { signForm } = await import('./sign-form.ts');
  const headers = await signForm(endpoint, form, {
    session: base,
    region: signingRegion(endpoint, region),
    date: timeOfSts(now(), clockAheadMs),
  });
  const object = objectOf({ endpoint, roleArn: target.roleArn });
  const secrets = [base.secretAccessKey, base.sessionToken];
  const speaker = { action: 'AssumeRole', object, secrets, remedies: targetRemedies(target) } as const;
  const call = { ...surroundings, form, durationSeconds, headers, speaker };
  const exchanged = await askForSession(call, now, surroundings.signal);
  if (!isSessionOf(exchanged.assumedRoleArn, target.roleArn)) throw otherRole(object, exchanged);
  return exchanged;
}

/**
 * The tags are transitive, as those of EKS Pod Identity: if the workload assumes another role, that session
 * has them too, and cannot change them. EKS User Guide, "Cross-account tags"
 */
function formFor(
  { roleArn, externalId, tags = {} }: TargetRole,
  sessionName: string,
  durationSeconds: number,
): URLSearchParams {
  const form = new URLSearchParams({
    Action: 'AssumeRole',
    Version: STS_API.version,
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    DurationSeconds: String(durationSeconds),
    ExternalId: externalId,
  });
  for (const [index, [key, value]] of Object.entries(tags).entries()) {
    form.set(`Tags.member.${index + 1}.Key`, key);
    form.set(`Tags.member.${index + 1}.Value`, value);
    form.set(`TransitiveTagKeys.member.${index + 1}`, key);
  }
  return form;
}

/** STS need not send its exact time, so a small difference is left alone. */
const CLOCK_TOLERANCE_MS = (SIGNATURE_CLOCK_SKEW_SECONDS * 1_000) / 2;

/** The exchange of a token works with a wrong clock, so the signature does too. */
function timeOfSts(now: Date, clockAheadMs = 0): Date {
  const isOff = Math.abs(clockAheadMs) > CLOCK_TOLERANCE_MS;
  return isOff ? new Date(now.getTime() - clockAheadMs) : now;
}

function otherRole(object: string, { assumedRoleArn }: ExchangedSession): ExchangeError {
  const given = assumedRoleArn === undefined ? 'that names no role' : `of ${assumedRoleArn}`;
  return new ExchangeError(
    {
      code: 'STS_ANSWER_INVALID',
      object,
      problem: `gave a session ${given}`,
      remedy: 'check that this STS knows AssumeRole for roles, and that no proxy answers in its place',
    },
    'late',
  );
}
