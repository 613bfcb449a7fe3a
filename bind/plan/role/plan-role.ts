import { IAM_TAG } from '../../../lib/contract/podrole.ts';
import type { DesiredBinding, DesiredRole } from '../../desired/desired.ts';
import type { RoleFacts } from '../../iam/iam-facts.ts';
import { policySize } from '../../iam/policy-size.ts';
import { tagList } from '../../iam/tag-list.ts';
import { issuerTag } from '../../names.ts';
import { trustPolicySizeFault } from '../../trust/trust-policy-size.ts';
import { trustPolicyOf } from '../../trust/trust-statement.ts';
import { EMPTY_PLAN, joinPlans, type Plan, type PlanStep } from '../plan-step.ts';
import { planTrust, trustNotes } from '../plan-trust.ts';
import { trustRemarks } from '../trust-remarks.ts';
import { attachedPoliciesTag } from './attached-policies-tag.ts';
import { ambiguousPolicies, planAttachedPolicies, planInlinePolicies } from './plan-policies.ts';
import { managerNotes } from './role-managers.ts';
import { isLeftUntagged, nameTakenFault, type RoleOwnership, roleOwnership } from './role-ownership.ts';
import { roleQuotas } from './role-quotas.ts';

export interface RoleOptions {
  /** The user named the role: one that podrole did not create is adopted. */
  readonly isNamed: boolean;
  /** The user asks to adopt one that podrole did not create, even if nobody named it. Left out: false. */
  readonly adopt?: boolean | undefined;
  readonly dropIssuers: readonly string[];
  readonly prune: boolean;
  /** The account's quota for a trust policy, in characters. */
  readonly trustPolicyLimit: number;
  /** As in TrustOptions. */
  readonly widen?: boolean | undefined;
  readonly now?: Date | undefined;
}

/**
 * Plans the role of a binding: creates it, or repairs an existing one.
 * @param facts undefined if the role certainly does not exist
 */
export function planRole(
  { roleArn, trustEntries }: DesiredBinding,
  role: DesiredRole,
  facts: RoleFacts | undefined,
  options: RoleOptions,
): Plan {
  const object = `role ${role.name}`;
  const { adopt = false, dropIssuers, prune, widen, now } = options;
  const trust = { trustEntries, dropIssuers, prune, widen, now };
  if (!facts) {
    const policy = trustPolicyOf(trustEntries);
    const fault = trustPolicySizeFault(policy, role.name, options.trustPolicyLimit);
    const { steps: made, nothing } = createSteps(role, roleArn, policy, options.trustPolicyLimit);
    const notes = trustNotes(role.name, policy, trust);
    const { notDone } = trustRemarks(role.name, policy, policy, trust);
    const plan = { steps: made, notes, notDone, faults: fault ? [fault] : [] };
    return joinPlans([plan, roleQuotas(role, nothing, made)]);
  }
  if (facts.arn !== roleArn) {
    const problem = `exists as ${facts.arn}, and not as ${roleArn}: role names are unique across paths`;
    const isHere = facts.arn.split(':role/')[0] === roleArn.split(':role/')[0];
    const remedy = isHere
      ? `give --role-path ${facts.path}, or another name`
      : 'give the --account-id and --partition of the credentials, or use credentials of that account';
    return { ...EMPTY_PLAN, faults: [{ code: 'ROLE_NAME_TAKEN', object, problem, remedy }] };
  }
  const issuers = [...trustEntries.map(({ issuer }) => issuer), ...options.dropIssuers];
  const owner = role.tags[IAM_TAG.serviceAccount] ?? '';
  const ownership = roleOwnership(facts, { owner, issuers, trustEntries });
  const taken = options.isNamed ? undefined : nameTakenFault(facts, { ownership, owner, adopt });
  if (taken) return { ...EMPTY_PLAN, faults: [taken] };
  if (!facts.attachedPolicyArns && role.attachedPolicyArns.length > 0) {
    const problem = 'cannot have attached policies on this server';
    const remedy = 'give the permissions by --policy-file';
    return { ...EMPTY_PLAN, faults: [{ code: 'IAM_UNSUPPORTED', object, problem, remedy }] };
  }
  const { isShared } = ownership;
  const policies = { prune: options.prune, isShared };
  const steps = [
    ...tagSteps(
      role,
      facts,
      ownership,
      issuers.filter((issuer) => !options.dropIssuers.includes(issuer)),
    ),
    ...shapeSteps(role, facts),
    ...planAttachedPolicies(role, facts, policies),
    ...planInlinePolicies(role, facts, policies),
  ];
  const notes = [
    ...(isShared
      ? [`${object} is shared with ${facts.tags[IAM_TAG.serviceAccount]}: nothing is removed from it`]
      : []),
    ...(isLeftUntagged(facts, ownership)
      ? [`${object} was made with --ownership-tags=false, and stays without podrole's tags`]
      : []),
    ...(adopt || !(ownership.isCreatedByPodrole || ownership.isOwn) ? managerNotes(facts) : []),
    ...ambiguousPolicies(role, facts, policies),
  ];
  return joinPlans([
    planTrust(facts, trust, options.trustPolicyLimit),
    { steps, notes, faults: [] },
    roleQuotas(role, facts, steps),
  ]);
}

function createSteps(
  role: DesiredRole,
  roleArn: string,
  policy: unknown,
  limit: number,
): { readonly steps: readonly PlanStep[]; readonly nothing: RoleFacts } {
  const tags = {
    ...role.tags,
    ...(role.attachedPolicyArns.length > 0
      ? { [IAM_TAG.attachedPolicies]: attachedPoliciesTag(role.attachedPolicyArns) }
      : {}),
  };
  const nothing: RoleFacts = {
    arn: roleArn,
    name: role.name,
    path: role.path,
    description: role.description,
    maxSessionDurationSeconds: 0,
    permissionsBoundary: undefined,
    trustPolicy: policy,
    tags,
    attachedPolicyArns: [],
    inlinePolicies: [],
  };
  const options = { prune: false, isShared: false };
  const steps: readonly PlanStep[] = [
    {
      object: `role ${role.name}`,
      action: `create ${roleArn}, trust policy of ${policySize(policy)} of at most ${limit} characters${shapeOf(role)}`,
      document: { name: 'trust policy', before: undefined, after: policy },
      call: {
        service: 'iam',
        operation: 'CreateRole',
        input: {
          RoleName: role.name,
          Path: role.path,
          Description: role.description,
          AssumeRolePolicyDocument: JSON.stringify(policy),
          ...(role.maxSessionDurationSeconds === undefined
            ? {}
            : { MaxSessionDuration: role.maxSessionDurationSeconds }),
          ...(role.permissionsBoundary === undefined
            ? {}
            : { PermissionsBoundary: role.permissionsBoundary }),
          Tags: tagList(tags),
        },
      },
    },
    ...planAttachedPolicies(role, nothing, options),
    ...planInlinePolicies(role, nothing, options),
  ];
  return { steps, nothing };
}

/** Describes what a new role has besides its policies, so that the plan shows all that was asked for. */
function shapeOf({
  maxSessionDurationSeconds: seconds,
  permissionsBoundary: boundary,
  tags,
}: DesiredRole): string {
  const own: readonly string[] = Object.values(IAM_TAG);
  const given = Object.entries(tags).flatMap(([key, value]) =>
    own.includes(key) ? [] : [`${key}=${value}`],
  );
  return [
    ...(seconds === undefined ? [] : [`longest session ${seconds} s`]),
    ...(boundary === undefined ? [] : [`permissions boundary ${boundary}`]),
    ...(given.length === 0 ? [] : [`tags ${given.join(' ')}`]),
  ]
    .map((part) => `, ${part}`)
    .join('');
}

/** An adopted role gets the tags that name its owner, but never the tag that says that podrole created it. */
function tagSteps(
  role: DesiredRole,
  facts: RoleFacts,
  ownership: RoleOwnership,
  issuers: readonly string[],
): readonly PlanStep[] {
  const {
    [IAM_TAG.managedBy]: _made,
    [IAM_TAG.serviceAccount]: owner,
    [IAM_TAG.issuer]: issuer,
    ...given
  } = role.tags;
  const isGranted = issuers.some((known) => issuerTag(known) === facts.tags[IAM_TAG.issuer]);
  const own: Record<string, string> = {};
  const isTagged = !ownership.isShared && !isLeftUntagged(facts, ownership);
  if (isTagged && owner !== undefined) own[IAM_TAG.serviceAccount] = owner;
  if (isTagged && issuer !== undefined && !isGranted) own[IAM_TAG.issuer] = issuer;
  const missing = Object.fromEntries(
    Object.entries({ ...given, ...own }).filter(([key, value]) => facts.tags[key] !== value),
  );
  if (Object.keys(missing).length === 0) return [];
  const before = Object.fromEntries(
    Object.keys(missing).flatMap((key) => (facts.tags[key] === undefined ? [] : [[key, facts.tags[key]]])),
  );
  return [
    {
      object: `role ${role.name}`,
      action: 'set tags',
      document: { name: 'tags', before, after: missing },
      call: { service: 'iam', operation: 'TagRole', input: { RoleName: role.name, Tags: tagList(missing) } },
    },
  ];
}

/** Session duration and permissions boundary. A value that is not asked for stays. */
function shapeSteps(role: DesiredRole, facts: RoleFacts): readonly PlanStep[] {
  const object = `role ${role.name}`;
  const { maxSessionDurationSeconds: seconds, permissionsBoundary: boundary } = role;
  const steps: PlanStep[] = [];
  if (seconds !== undefined && seconds !== facts.maxSessionDurationSeconds) {
    steps.push({
      object,
      action: `change the longest session from ${facts.maxSessionDurationSeconds} s to ${seconds} s`,
      call: {
        service: 'iam',
        operation: 'UpdateRole',
        input: {
          RoleName: role.name,
          MaxSessionDuration: seconds,
          ...(facts.description ? { Description: facts.description } : {}),
        },
      },
    });
  }
  if (boundary !== undefined && boundary !== facts.permissionsBoundary) {
    steps.push({
      object,
      action: `change the permissions boundary from ${facts.permissionsBoundary ?? 'none'} to ${boundary}`,
      call: {
        service: 'iam',
        operation: 'PutRolePermissionsBoundary',
        input: { RoleName: role.name, PermissionsBoundary: boundary },
      },
    });
  }
  return steps;
}
