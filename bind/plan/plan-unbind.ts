import { IAM_TAG } from '../../lib/contract/podrole.ts';
import type { Fault } from '../../lib/errors.ts';
import type { RoleFacts } from '../iam/iam-facts.ts';
import { INLINE_POLICY_PREFIX } from '../names.ts';
import { EMPTY_PLAN, type Plan, type PlanStep } from './plan-step.ts';
import type { TrustRemoval } from './plan-trust-removal.ts';
import { isAttachedByPodrole } from './role/attached-policies-tag.ts';
import { deleteInlineStep, detachStep } from './role/plan-policies.ts';
import type { RoleOwnership } from './role/role-ownership.ts';

export interface RoleRemoval {
  readonly ownership: RoleOwnership;
  /** Removes podrole's statements for the ServiceAccount. */
  readonly trust: TrustRemoval;
  /** Deletes the role even if somebody else attached policies to it. */
  readonly prune: boolean;
}

/**
 * Deletes a role that podrole created. From a role that podrole did not create, or that others use, only
 * podrole's additions are removed.
 */
export function planRoleRemoval(facts: RoleFacts, { ownership, trust, prune }: RoleRemoval): Plan {
  const object = `role ${facts.name}`;
  const { isOwn } = ownership;
  if (ownership.isCreatedByPodrole && trust.isEmpty) return planDeletion(facts, prune);
  if (trust.isEmpty) {
    const reason = 'trusts nobody else, and IAM refuses a trust policy without statements';
    const note = `${object} ${reason}: the role is left unchanged; delete it if nothing needs it`;
    return { ...EMPTY_PLAN, notes: [note] };
  }
  if (!isOwn) return { ...EMPTY_PLAN, steps: trust.steps };
  if (trust.othersLeft) {
    const note = `${object} is kept with its policies: other ServiceAccounts, containers or clusters use it too`;
    return { ...EMPTY_PLAN, steps: trust.steps, notes: [note] };
  }
  const tag = facts.tags[IAM_TAG.attachedPolicies];
  const arns = (facts.attachedPolicyArns ?? []).filter((arn) => isAttachedByPodrole(tag, arn));
  const inline = facts.inlinePolicies.filter(({ name }) => name.startsWith(INLINE_POLICY_PREFIX));
  const TagKeys = Object.values(IAM_TAG).filter(
    (key) => key !== IAM_TAG.managedBy && facts.tags[key] !== undefined,
  );
  const untag: PlanStep = {
    object,
    action: "remove podrole's tags",
    call: { service: 'iam', operation: 'UntagRole', input: { RoleName: facts.name, TagKeys } },
  };
  return {
    ...EMPTY_PLAN,
    steps: [
      ...trust.steps,
      ...arns.map((arn) => detachStep(facts.name, arn, true)),
      ...inline.map(({ name, document }) => deleteInlineStep(facts.name, name, document)),
      ...(TagKeys.length > 0 ? [untag] : []),
    ],
  };
}

function planDeletion(facts: RoleFacts, prune: boolean): Plan {
  const { name, inlinePolicies } = facts;
  const object = `role ${name}`;
  const tag = facts.tags[IAM_TAG.attachedPolicies];
  const attached = facts.attachedPolicyArns ?? [];
  const foreign = [
    ...attached.filter((arn) => !isAttachedByPodrole(tag, arn)),
    ...inlinePolicies.flatMap((policy) =>
      policy.name.startsWith(INLINE_POLICY_PREFIX) ? [] : [policy.name],
    ),
  ];
  if (foreign.length > 0 && !prune) {
    const fault: Fault = {
      code: 'ROLE_IN_USE',
      object,
      problem: `has policies that podrole did not add: ${foreign.join(', ')}`,
      remedy: 'remove them, or give --prune to delete the role with them',
    };
    return { ...EMPTY_PLAN, faults: [fault] };
  }
  return {
    ...EMPTY_PLAN,
    steps: [
      ...attached.map((arn) => detachStep(name, arn, isAttachedByPodrole(tag, arn))),
      ...inlinePolicies.map((policy) => deleteInlineStep(name, policy.name, policy.document)),
      {
        object,
        action: `delete ${facts.arn}`,
        call: { service: 'iam', operation: 'DeleteRole', input: { RoleName: name } },
      },
    ],
  };
}
