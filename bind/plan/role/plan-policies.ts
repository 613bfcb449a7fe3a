import { IAM_TAG } from '../../../lib/contract/podrole.ts';
import type { DesiredRole, PolicyList } from '../../desired/desired.ts';
import type { RoleFacts } from '../../iam/iam-facts.ts';
import { samePolicy } from '../../iam/same-policy.ts';
import { INLINE_POLICY_PREFIX, TARGET_POLICY_NAME } from '../../names.ts';
import { isOfWellKnownPolicy, wellKnownPolicyNames } from '../../well-known/well-known-policy.ts';
import type { PlanStep } from '../plan-step.ts';
import { attachedPoliciesTag, isAttachedByPodrole } from './attached-policies-tag.ts';

export interface PolicyOptions {
  /** Also removes policies that podrole did not add. */
  readonly prune: boolean;
  /** Others share the role, and may want a policy that this binding does not ask for. */
  readonly isShared: boolean;
}

/**
 * Attaches missing policies. If their list was given, it also detaches those that podrole attached and that
 * are not in the list. A tag remembers which policies podrole attached. It is written before the first is
 * attached, so that a run that breaks off never leaves a policy that podrole does not recognise as its own.
 */
export function planAttachedPolicies(
  role: DesiredRole,
  facts: RoleFacts,
  options: PolicyOptions,
): readonly PlanStep[] {
  const attached = facts.attachedPolicyArns ?? [];
  const tag = facts.tags[IAM_TAG.attachedPolicies];
  const isOurs = (arn: string) => isAttachedByPodrole(tag, arn);
  const missing = role.attachedPolicyArns.filter((arn) => !attached.includes(arn));
  const surplus = attached.filter(
    (arn) =>
      !role.attachedPolicyArns.includes(arn) &&
      (options.prune || (isOurs(arn) && !options.isShared && role.givenLists.includes(listOfManaged(arn)))),
  );
  const remembered = [...attached.filter(isOurs), ...missing];
  const kept = remembered.filter((arn) => !surplus.includes(arn));
  return [
    ...rememberSteps(role.name, tag, remembered, missing.length > 0),
    ...missing.map((arn) => attachStep(role.name, arn)),
    ...surplus.map((arn) => detachStep(role.name, arn, isOurs(arn))),
    ...rememberSteps(role.name, attachedPoliciesTag(remembered), kept, surplus.some(isOurs), FORGET),
  ];
}

/**
 * Writes inline policies that are missing or differ. If their list was given, it also deletes podrole's own
 * that are not in the list.
 */
export function planInlinePolicies(
  role: DesiredRole,
  facts: RoleFacts,
  options: PolicyOptions,
): readonly PlanStep[] {
  const object = `role ${role.name}`;
  const puts = role.inlinePolicies.flatMap(({ name, document }): PlanStep[] => {
    const found = facts.inlinePolicies.find((policy) => policy.name === name);
    return found && samePolicy(found.document, document)
      ? []
      : [
          {
            object,
            action: `put inline policy ${name}`,
            document: { name: `policy ${name}`, before: found?.document, after: document },
            call: {
              service: 'iam',
              operation: 'PutRolePolicy',
              input: { RoleName: role.name, PolicyName: name, PolicyDocument: JSON.stringify(document) },
            },
          },
        ];
  });
  const surplus = facts.inlinePolicies.filter(
    ({ name }) =>
      !role.inlinePolicies.some((policy) => policy.name === name) &&
      (options.prune ||
        (isOwnInline(name) && !options.isShared && role.givenLists.includes(listOfInline(name)))),
  );
  return [...puts, ...surplus.map(({ name, document }) => deleteInlineStep(role.name, name, document))];
}

/**
 * Returns notes about policies that an earlier run added, and that stay although their list was given: a
 * well-known policy may have brought them too.
 */
export function ambiguousPolicies(
  role: DesiredRole,
  facts: RoleFacts,
  options: PolicyOptions,
): readonly string[] {
  const { givenLists, attachedPolicyArns, inlinePolicies } = role;
  if (options.prune || options.isShared || givenLists.includes('wellKnown')) return [];
  const tag = facts.tags[IAM_TAG.attachedPolicies];
  const managed = givenLists.includes('attachPolicyArns') ? (facts.attachedPolicyArns ?? []) : [];
  const inline = givenLists.includes('inlinePolicies') ? facts.inlinePolicies : [];
  const kept = [
    ...managed.filter(
      (arn) => isAttachedByPodrole(tag, arn) && isOfWellKnownPolicy(arn) && !attachedPolicyArns.includes(arn),
    ),
    ...inline.flatMap(({ name }) =>
      listOfInline(name) === 'wellKnown' && !inlinePolicies.some((policy) => policy.name === name)
        ? [name]
        : [],
    ),
  ];
  return kept.map(
    (policy) =>
      `role ${role.name} keeps ${policy}, which may be of --well-known; give --well-known '' to remove it`,
  );
}

/** The list that a managed policy comes from. One that may come from both counts as well-known. */
function listOfManaged(arn: string): PolicyList {
  return isOfWellKnownPolicy(arn) ? 'wellKnown' : 'attachPolicyArns';
}

function listOfInline(name: string): PolicyList {
  if (name === TARGET_POLICY_NAME) return 'targetRoleArn';
  const isWellKnown = wellKnownPolicyNames.some((known) => name === `${INLINE_POLICY_PREFIX}${known}`);
  return isWellKnown ? 'wellKnown' : 'inlinePolicies';
}

function isOwnInline(name: string): boolean {
  return name.startsWith(INLINE_POLICY_PREFIX);
}

export function detachStep(role: string, arn: string, isOurs: boolean): PlanStep {
  return {
    object: `role ${role}`,
    action: `detach ${arn}, which podrole ${isOurs ? 'attached' : 'did not attach'}`,
    call: { service: 'iam', operation: 'DetachRolePolicy', input: { RoleName: role, PolicyArn: arn } },
  };
}

export function deleteInlineStep(role: string, name: string, document: unknown): PlanStep {
  return {
    object: `role ${role}`,
    action: `delete inline policy ${name}, which podrole ${isOwnInline(name) ? 'added' : 'did not add'}`,
    document: { name: `policy ${name}`, before: document, after: undefined },
    call: { service: 'iam', operation: 'DeleteRolePolicy', input: { RoleName: role, PolicyName: name } },
  };
}

function attachStep(role: string, arn: string): PlanStep {
  return {
    object: `role ${role}`,
    action: `attach ${arn}`,
    call: { service: 'iam', operation: 'AttachRolePolicy', input: { RoleName: role, PolicyArn: arn } },
  };
}

const REMEMBER = 'remember in a tag which policies podrole attached';
const FORGET = 'forget in that tag what was detached';

function rememberSteps(
  role: string,
  tag: string | undefined,
  arns: readonly string[],
  isDue: boolean,
  action = REMEMBER,
): readonly PlanStep[] {
  const value = attachedPoliciesTag(arns);
  if (!isDue || value === (tag ?? '')) return [];
  return [
    {
      object: `role ${role}`,
      action,
      call: {
        service: 'iam',
        operation: 'TagRole',
        input: { RoleName: role, Tags: [{ Key: IAM_TAG.attachedPolicies, Value: value }] },
      },
    },
  ];
}
