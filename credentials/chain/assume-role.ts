import { SIGNATURE_CLOCK_SKEW_SECONDS, STS_API } from '../../lib/contract/sts.ts';
import { askForSession, type ExchangedSession, objectOf } from '../exchange/exchange.ts';
import { ExchangeError } from '../exchange/exchange-error.ts';
import type { StsAddress } from '../exchange/sts-address.ts';
import { isSessionOf } from './session-of-role.ts';
import type { SigningKeys } from './sign-form.ts';
import { signingRegion } from './signing-region.ts';

/** Role that is asked for, and the session that it is asked for. */
export interface RoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly externalId?: string | undefined;
  /** Session policy, as JSON. */
  readonly policy?: string | undefined;
  /** Session tags by key; undefined: none are sent. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Sessions that this session obtains have its tags too; default: they have not. */
  readonly areTagsTransitive?: boolean;
  /** Remedies for a refusal, by the code of STS. */
  readonly remedies: Readonly<Record<string, string>>;
}

/** The STS of a signed call, and the clock of its signature. */
export interface SignedCallSurroundings extends StsAddress {
  /** Region of the signature, unless the endpoint names one. */
  readonly region: string;
  readonly now: () => Date;
  /** Time by which this machine is ahead of STS, if an earlier answer told it. */
  readonly clockAheadMs: number | undefined;
  /** Ends the call when the process stops. */
  readonly signal: AbortSignal;
}

/**
 * Assumes a role: an AssumeRole signed by keys.
 * @throws ExchangeError, also for a session of another role
 */
export async function assumeRole(
  keys: SigningKeys,
  request: RoleRequest,
  surroundings: SignedCallSurroundings,
): Promise<ExchangedSession> {
  const { endpoint, region, now, clockAheadMs, signal } = surroundings;
  const { roleArn, durationSeconds, remedies } = request;
  const form = formFor(request);
  // The signer and what it imports are loaded only here: they would cost memory in each sidecar.
  const { signForm } = await import('./sign-form.ts');
  const headers = await signForm(endpoint, form, {
    keys,
    region: signingRegion(endpoint, region),
    date: new Date(now().getTime() - correctionMs(clockAheadMs)),
  });
  const object = objectOf({ endpoint, roleArn });
  const secrets = [keys.secretAccessKey, ...(keys.sessionToken === undefined ? [] : [keys.sessionToken])];
  const speaker = { action: 'AssumeRole', object, secrets, remedies } as const;
  const exchanged = await askForSession(
    { ...surroundings, form, durationSeconds, headers, speaker },
    now,
    signal,
  );
  if (!isSessionOf(exchanged.assumedRoleArn, roleArn)) throw otherRole(object, exchanged);
  return exchanged;
}

function formFor(request: RoleRequest): URLSearchParams {
  const { externalId, policy, tags = {}, areTagsTransitive = false } = request;
  const form = new URLSearchParams({
    Action: 'AssumeRole',
    Version: STS_API.version,
    RoleArn: request.roleArn,
    RoleSessionName: request.sessionName,
    DurationSeconds: String(request.durationSeconds),
    ...(externalId !== undefined && { ExternalId: externalId }),
    ...(policy !== undefined && { Policy: policy }),
  });
  for (const [index, [key, value]] of Object.entries(tags).entries()) {
    form.set(`Tags.member.${index + 1}.Key`, key);
    form.set(`Tags.member.${index + 1}.Value`, value);
    if (areTagsTransitive) form.set(`TransitiveTagKeys.member.${index + 1}`, key);
  }
  return form;
}

/** STS need not send its exact time, so a small difference is left alone. */
const CLOCK_TOLERANCE_MS = (SIGNATURE_CLOCK_SKEW_SECONDS * 1_000) / 2;

/**
 * Returns the time by which a signature is dated back. The exchange of a token works with a wrong clock, so
 * the signature does too.
 */
export function correctionMs(clockAheadMs = 0): number {
  return Math.abs(clockAheadMs) > CLOCK_TOLERANCE_MS ? clockAheadMs : 0;
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
