import { awsAccountOf, oddityOf, parseRoleArn } from '../lib/arn.ts';
import { issuerHostPath } from '../lib/issuer.ts';
import { readAssumeRoleParameters } from './assume-role-parameters.ts';
import type { ProviderConfig, RoleConfig } from './config/config.ts';
import type { Sessions } from './sessions.ts';
import { StsError } from './sts-error.ts';
import { timeContext } from './time-context.ts';
import { describeDecision, evaluateTrustPolicy, type TrustRequest } from './trust-policy.ts';
import { claimsOf, type TokenProvider, verifyWebIdentity, type WebIdentity } from './web-identity.ts';
import type { AssumedRole } from './xml.ts';

type Provider = ProviderConfig & TokenProvider;

/** Everything that decides a call. */
export interface Account {
  /** By issuer. */
  readonly providers: ReadonlyMap<string, Provider>;
  /** By ARN. */
  readonly roles: ReadonlyMap<string, RoleConfig>;
  readonly sessions: Sessions;
  readonly now: () => Date;
}

/** A call to the account, as far as its condition keys are concerned. */
interface CalledAccount extends Account {
  /** The caller connected by TLS. */
  readonly isSecure: boolean;
}

/** Log record of a call, filled in as the call proceeds. */
export type CallRecord = Record<string, unknown>;

const ACTION = 'sts:AssumeRoleWithWebIdentity';

/**
 * AssumeRoleWithWebIdentity: parameters, token, trust policy, duration, then a session.
 * @throws StsError
 */
export async function assumeRoleWithWebIdentity(
  parameters: ReadonlyMap<string, string>,
  { providers, roles, sessions, now, isSecure }: CalledAccount,
  record: CallRecord,
): Promise<AssumedRole> {
  const { roleArn, sessionName, token, durationSeconds, policy } = readAssumeRoleParameters(parameters);
  Object.assign(record, { role: roleArn, sessionName, ...claimsOf(token) });
  if (!roles.has(roleArn) && !isArnOfAws(roleArn))
    throw new StsError('ValidationError', 'Request ARN is invalid');
  const identity = await verifyWebIdentity(token, providers, now().getTime() / 1_000);
  const role = roles.get(roleArn);
  if (!role) throw notAuthorized('there is no such role');
  const context = { ...timeContext(now()), 'aws:SecureTransport': String(isSecure) };
  requireTrust(role, identity, { ...context, 'sts:RoleSessionName': sessionName });
  if (durationSeconds > role.maxSessionDurationSeconds) {
    throw new StsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  }
  const { subject, audience, provider } = identity;
  return {
    session: sessions.issue({ role, sessionName, durationSeconds, policy }),
    subject,
    audience,
    provider: provider.arn,
  };
}

/**
 * True for the ARN of a role of AWS, which refuses any other before it looks for the role. The configuration
 * may hold roles of other servers.
 */
export function isArnOfAws(roleArn: string): boolean {
  const role = parseRoleArn(roleArn);
  return role !== undefined && awsAccountOf(role) !== undefined && oddityOf(role) === undefined;
}

function requireTrust(
  { trustPolicy }: RoleConfig,
  identity: WebIdentity<Provider>,
  ofCall: TrustRequest['context'],
): void {
  const decision = evaluateTrustPolicy(trustPolicy, {
    action: ACTION,
    federatedPrincipal: identity.provider.arn,
    context: { ...contextOf(identity), ...ofCall },
  });
  if (decision.outcome !== 'yes') throw notAuthorized(describeDecision(decision));
}

/**
 * Condition keys of a token. [iam] "Keys for AWS OIDC federation": `aud` is the claim `azp` if the token has
 * it.
 */
function contextOf({ provider, claims }: WebIdentity<Provider>): TrustRequest['context'] {
  const prefix = issuerHostPath(provider.url);
  const values = {
    aud: claims['azp'] ?? claims.aud,
    oaud: claims.aud,
    sub: claims.sub,
    amr: claims['amr'],
    email: claims['email'],
  };
  const keys = Object.entries(values).flatMap(([claim, value]) => {
    const texts = [value].flat().filter((item) => typeof item === 'string');
    return texts.length > 0 ? [[`${prefix}:${claim}`, texts] as const] : [];
  });
  return Object.fromEntries(keys);
}

/** Tells the caller no more than AWS does. Only the log says whether the role exists and what it trusts. */
function notAuthorized(detail: string): StsError {
  return new StsError('AccessDenied', `Not authorized to perform ${ACTION}`, detail);
}
