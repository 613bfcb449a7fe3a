import type { RoleConfig } from '../config/config.ts';
import { evaluateIdentityPolicy, type IdentityPolicy } from '../identity-policy.ts';
import type { Session, SessionTag } from '../sessions.ts';
import { StsError } from '../sts-error.ts';
import { timeContext } from '../time-context.ts';
import {
  describeDecision,
  evaluateTrustPolicy,
  type TrustDecision,
  type TrustRequest,
} from '../trust-policy.ts';

export interface ChainedCall {
  readonly caller: Session;
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly externalId: string | undefined;
  /** Of the session that is asked for. */
  readonly tags: readonly SessionTag[];
  /** Session policy of the session that is asked for. */
  readonly policy: IdentityPolicy | undefined;
}

export interface ChainedFacts {
  /** Undefined if there is no such role. */
  readonly role: RoleConfig | undefined;
  /** Policy of the caller's role. */
  readonly ownPolicy: IdentityPolicy | undefined;
  readonly now: Date;
  readonly isSecure: boolean;
}

/**
 * Decides as AWS does: the trust policy must allow sts:AssumeRole, and sts:TagSession if the session gets
 * tags. The policy of the caller's role must allow them too, except in the same account if the trust policy
 * names the caller or its role. A session policy of the caller must allow them too, except in the same
 * account if the trust policy names the session itself. A Deny of any of them is final. [iam] "Policy
 * evaluation logic", "Cross-account policy evaluation logic", "Session policies"
 * @returns the role
 * @throws StsError `AccessDenied`. Only the log says what refused.
 */
export function authorizeChained(call: ChainedCall, facts: ChainedFacts): RoleConfig {
  const { caller, roleArn } = call;
  const refuse = (action: string, detail: string) => {
    const message = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${roleArn}`;
    return new StsError('AccessDenied', message, detail);
  };
  const { role } = facts;
  if (!role) throw refuse('sts:AssumeRole', 'there is no such role');
  const actions = call.tags.length > 0 ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole'];
  for (const action of actions) {
    const request = requestOf(action, call, facts);
    const byTrust = evaluateTrustPolicy(role.trustPolicy, request);
    if (byTrust.outcome !== 'yes') throw refuse(action, `trust policy: ${describeDecision(byTrust)}`);
    const requireAllowed = (policy: IdentityPolicy, object: string, names: readonly string[]) => {
      const decision = evaluateIdentityPolicy(policy, roleArn, request);
      const isDenied = decision.statements.some(
        ({ effect, outcome }) => effect === 'Deny' && outcome !== 'no',
      );
      const suffices = role.account === caller.account && isNamed(role, byTrust, names);
      if (isDenied || (decision.outcome !== 'yes' && !suffices))
        throw refuse(action, `${object}: ${describeDecision(decision)}`);
    };
    const own = facts.ownPolicy ?? [];
    requireAllowed(own, `policy of ${caller.role.arn}`, [caller.arn, caller.role.arn]);
    if (caller.policy) requireAllowed(caller.policy, 'session policy', [caller.arn]);
  }
  return role;
}

/** True if an Allow that applies names one of these principals itself. */
function isNamed(role: RoleConfig, byTrust: TrustDecision, names: readonly string[]): boolean {
  return byTrust.statements.some(({ outcome, effect }, at) => {
    const named = role.trustPolicy.statements[at]?.aws;
    if (effect !== 'Allow' || outcome !== 'yes' || named === undefined || named === '*') return false;
    return names.some((name) => named.includes(name));
  });
}

function requestOf(action: string, call: ChainedCall, { now, isSecure }: ChainedFacts): TrustRequest {
  const { caller, tags, externalId, sessionName } = call;
  const { partition, account } = caller.role;
  const tagKeys = tags.map(({ key }) => key);
  const transitive = tags.filter(({ isTransitive }) => isTransitive).map(({ key }) => key);
  return {
    action,
    awsPrincipals: [caller.arn, caller.role.arn, `arn:${partition}:iam::${account}:root`, account],
    isComplete: isDecidedByCall,
    context: {
      ...timeContext(now),
      'aws:SecureTransport': String(isSecure),
      'aws:PrincipalArn': caller.role.arn,
      'aws:PrincipalAccount': account,
      'aws:PrincipalType': 'AssumedRole',
      'aws:userid': caller.assumedRoleId,
      'sts:RoleSessionName': sessionName,
      ...(externalId !== undefined && { 'sts:ExternalId': externalId }),
      ...(tagKeys.length > 0 && { 'aws:TagKeys': tagKeys }),
      ...(transitive.length > 0 && { 'sts:TransitiveTagKeys': transitive }),
      ...Object.fromEntries(tags.map(({ key, value }) => [`aws:RequestTag/${key}`, value])),
      ...Object.fromEntries(caller.tags.map(({ key, value }) => [`aws:PrincipalTag/${key}`, value])),
    },
  };
}

/** Keys of which the call, or the calling session, has all that there are. */
function isDecidedByCall(key: string): boolean {
  return (
    ['sts:externalid', 'aws:tagkeys', 'sts:transitivetagkeys'].includes(key) ||
    /^aws:(?:requesttag|principaltag)\//.test(key)
  );
}
