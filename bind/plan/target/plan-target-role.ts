import { parseRoleArn } from '../../../lib/arn.ts';
import type { Fault } from '../../../lib/errors.ts';
import { asObject, type JsonObject } from '../../../lib/json/json.ts';
import type { DesiredBinding } from '../../desired/desired.ts';
import { type DesiredTarget, targetPolicy } from '../../desired/desired-target.ts';
import type { BindingFacts } from '../../facts/collect-facts.ts';
import { policySize } from '../../iam/policy-size.ts';
import type { TargetRoleFacts } from '../../iam/read-target-role.ts';
import { allowsAssuming } from '../../trust/target/allows-assuming.ts';
import { deletedPrincipals } from '../../trust/target/aws-principals.ts';
import { judgeTargetTrust, type TargetVerdict } from '../../trust/target/judge-target-trust.ts';
import { mergeTargetTrust } from '../../trust/target/merge-target-trust.ts';
import { requestOf } from '../../trust/target/target-request.ts';
import { targetSid, targetStatement } from '../../trust/target/target-statement.ts';
import { statementsOf } from '../../trust/trust-policy-parts.ts';
import { trustPolicySizeFault } from '../../trust/trust-policy-size.ts';
import { EMPTY_PLAN, joinPlans, type Plan, type PlanStep } from '../plan-step.ts';
import { otherRoleFault } from '../role/other-role-fault.ts';

/**
 * Plans the target role of a binding: its trust policy gets podrole's statement. If it is in an account that
 * these credentials cannot change, the plan has the statement for its owner.
 * @param limit the account's quota for a trust policy, in characters
 */
export function planTargetRole(
  { role, target, roleArn }: DesiredBinding,
  { role: own, target: found }: Pick<BindingFacts, 'role' | 'target'>,
  limit: number,
): Plan {
  if (!target) return EMPTY_PLAN;
  return joinPlans([
    // The policy of a role that podrole shapes is among its inline policies.
    role ? EMPTY_PLAN : ownPolicyForOwner(roleArn, target, own),
    planTrust(target, found, limit),
  ]);
}

function planTrust(target: DesiredTarget, found: BindingFacts['target'], limit: number): Plan {
  const object = `role ${target.roleArn}`;
  if (found === 'elsewhere') return forOwner(target);
  if (!found) {
    const problem = 'does not exist';
    const remedy = 'create it with the policies that the pods need, then run again';
    return { ...EMPTY_PLAN, faults: [{ code: 'ROLE_NOT_FOUND', object, problem, remedy }] };
  }
  const other = otherRoleFault(found, target.roleArn);
  if (other) return { ...EMPTY_PLAN, faults: [other] };
  const before = asObject(found.trustPolicy);
  if (!before) return { ...EMPTY_PLAN, faults: [unreadable(object)] };
  const after = mergeTargetTrust(before, target.entry);
  const verdict = judgeTargetTrust(after, requestOf(target.entry));
  const remarks = { ...EMPTY_PLAN, notes: openNotes(object, verdict), notDone: refusals(object, verdict) };
  if (after === before) return remarks;
  const fault = trustPolicySizeFault(after, found.name, limit);
  return joinPlans([
    {
      ...EMPTY_PLAN,
      steps: [trustStep(found, after, `of at most ${limit} characters`)],
      notes: deletedNotes(object, before, target),
      faults: fault ? [fault] : [],
    },
    remarks,
  ]);
}

/** Returns the change of a target role's trust policy, by the credentials that read it. */
export function trustStep(
  { account, arn, name, trustPolicy }: TargetRoleFacts,
  after: JsonObject,
  ofWhat: string,
): PlanStep {
  return {
    object: account === undefined ? `role ${name}` : `role ${arn}`,
    action: `change the trust policy to ${policySize(after)} ${ofWhat}`,
    document: { name: 'trust policy', before: trustPolicy, after },
    call: {
      service: 'iam',
      operation: 'UpdateAssumeRolePolicy',
      input: { RoleName: name, PolicyDocument: JSON.stringify(after) },
      ...(account === undefined ? {} : { account }),
    },
  };
}

function forOwner({ roleArn, entry }: DesiredTarget): Plan {
  const object = `role ${roleArn}`;
  const account = parseRoleArn(roleArn)?.account ?? '';
  const name = 'a statement for its trust policy';
  const notDone = `${object} is in account ${account}: its owner must add the statement above, or give --target-profile with credentials of that account`;
  return {
    ...EMPTY_PLAN,
    handOver: [{ object, name, document: targetStatement(entry) }],
    notDone: [notDone],
  };
}

/** An attached role keeps its policies: only its owner can let it assume the target. */
function ownPolicyForOwner(roleArn: string, target: DesiredTarget, found: BindingFacts['role']): Plan {
  const known = found === 'elsewhere' ? undefined : found;
  const inline = (known?.inlinePolicies ?? []).map(({ document }) => document);
  if (allowsAssuming(inline, target.roleArn, target.entry.tags !== undefined) === 'yes') return EMPTY_PLAN;
  const object = `role ${roleArn}`;
  const managed = (known?.attachedPolicyArns ?? []).length > 0 ? ', if no managed policy allows it' : '';
  const { document } = targetPolicy(target);
  return {
    ...EMPTY_PLAN,
    handOver: [{ object, name: 'an inline policy', document }],
    notDone: [
      `${object} is attached, so its policies stay: its owner must add the policy above${managed}, or give --role-name in place of --attach-role-arn`,
    ],
  };
}

function unreadable(object: string): Fault {
  const problem = 'cannot be read: it is not a JSON object';
  const remedy = 'give the role a trust policy in JSON; podrole does not replace what it cannot read';
  return { code: 'UNREADABLE_TRUST_POLICY', object: `trust policy of ${object}`, problem, remedy };
}

function deletedNotes(object: string, before: JsonObject, { entry }: DesiredTarget): readonly string[] {
  const own = statementsOf(before).filter((statement) => asObject(statement)?.['Sid'] === targetSid(entry));
  return own
    .flatMap(deletedPrincipals)
    .map((id) => `${object} trusted ${id}, which was ${entry.roleArn} until that role was deleted`);
}

function openNotes(object: string, { trust, details }: TargetVerdict): readonly string[] {
  return trust === 'trusts' ? details.map((detail) => `${object}: ${detail}`) : [];
}

/** podrole never takes away a Deny, or conditions that others wrote. */
function refusals(object: string, { trust, details }: TargetVerdict): readonly string[] {
  if (trust === 'trusts' || trust === 'restricted') return [];
  return [
    `${object} does not let in the pods, for what others wrote there: ${[trust, ...details].join(', ')}`,
  ];
}
