import { IAM_ROLE } from '../../../lib/contract/iam.ts';
import { IAM_TAG } from '../../../lib/contract/podrole.ts';
import type { Fault } from '../../../lib/errors.ts';
import type { DesiredRole } from '../../desired/desired.ts';
import type { RoleFacts } from '../../iam/iam-facts.ts';
import { policySize } from '../../iam/policy-size.ts';
import { EMPTY_PLAN, type Plan, type PlanStep } from '../plan-step.ts';

/**
 * Returns the faults of a role that would exceed a quota once the steps are done, counting what others added
 * to it. IAM would refuse only the step that exceeds it, after the others.
 */
export function roleQuotas(role: DesiredRole, facts: RoleFacts, steps: readonly PlanStep[]): Plan {
  const inline = new Map(facts.inlinePolicies.map(({ name, document }) => [name, document]));
  const managed = new Set(facts.attachedPolicyArns);
  for (const { call } of steps) {
    if (call.service !== 'iam') continue;
    if (call.operation === 'DeleteRolePolicy') inline.delete(call.input.PolicyName ?? '');
    if (call.operation === 'DetachRolePolicy') managed.delete(call.input.PolicyArn ?? '');
  }
  for (const { name, document } of role.inlinePolicies) inline.set(name, document);
  for (const arn of role.attachedPolicyArns) managed.add(arn);
  const size = [...inline.values()].reduce<number>((sum, document) => sum + policySize(document), 0);
  const isRemembering = role.attachedPolicyArns.length > 0 && role.tags[IAM_TAG.managedBy] !== undefined;
  const tags = new Set([
    ...Object.keys(facts.tags),
    ...Object.keys(role.tags),
    ...(isRemembering ? [IAM_TAG.attachedPolicies] : []),
  ]).size;
  const object = `role ${role.name}`;
  const faults: Fault[] = [];
  const report = (problem: string, limit: number) =>
    faults.push({
      code: 'IAM_QUOTA',
      object,
      problem: `would have ${problem}, but IAM accepts at most ${limit}`,
      remedy: 'remove what it does not need, or ask for less',
    });
  const { maxInlinePoliciesLength, maxManagedPolicies, usualManagedPolicies, maxTags } = IAM_ROLE;
  if (steps.length === 0) return EMPTY_PLAN;
  if (size > maxInlinePoliciesLength)
    report(`inline policies of ${size} characters`, maxInlinePoliciesLength);
  if (managed.size > maxManagedPolicies) report(`${managed.size} managed policies`, maxManagedPolicies);
  if (tags > maxTags) report(`${tags} tags`, maxTags);
  const raised = `IAM accepts ${usualManagedPolicies}, unless AWS raised the quota of the account`;
  const notes =
    managed.size > usualManagedPolicies && faults.length === 0
      ? [`${object} would have ${managed.size} managed policies: ${raised}`]
      : [];
  return { ...EMPTY_PLAN, notes, faults };
}
