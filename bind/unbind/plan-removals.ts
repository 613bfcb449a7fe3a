import { parseRoleArn } from '../../lib/arn.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import { ownContainers } from '../desired/own-containers.ts';
import type { AwsAccount } from '../iam/account.ts';
import type { RoleFacts } from '../iam/iam-facts.ts';
import { serviceAccountTag } from '../names.ts';
import { planServiceAccountRemoval } from '../plan/plan-service-account-removal.ts';
import { EMPTY_PLAN, joinPlans, type Plan } from '../plan/plan-step.ts';
import { planTrustRemoval } from '../plan/plan-trust-removal.ts';
import { planRoleRemoval } from '../plan/plan-unbind.ts';
import { otherRoleFault } from '../plan/role/other-role-fault.ts';
import { roleOwnership } from '../plan/role/role-ownership.ts';
import { roleAfter, serviceAccountAfter } from './after-plan.ts';
import { planTargetRemovals, type TargetRoles } from './plan-target-removals.ts';
import type { UnbindTarget } from './targets.ts';

/** A target with what it means in this cluster and account. */
export interface FoundTarget {
  readonly target: UnbindTarget;
  /** `shop/web`: the key of its ServiceAccount. */
  readonly id: string;
  /** ARN that the annotation or the file names, completed; undefined if neither names one. */
  readonly roleArn: string | undefined;
  readonly roleName: string;
  /** Undefined if the role is in MinIO, which has no IAM. */
  readonly account: AwsAccount | undefined;
}

export interface RemovalContext {
  readonly issuer: string;
  readonly annotationPrefix: string;
  readonly prune: boolean;
}

/**
 * Plans all removals of one run. Several of them may change one ServiceAccount or one role: each begins
 * where the one before it ends. Every ServiceAccount is changed before any role, so that no new pod gets a
 * role that is about to be deleted.
 * @param objects ServiceAccounts that exist, by `NAMESPACE/NAME`
 * @param roles roles that exist, by name
 * @param targetRoles left out: none is named
 */
export function planRemovals(
  found: readonly FoundTarget[],
  objects: ReadonlyMap<string, JsonObject>,
  roles: ReadonlyMap<string, RoleFacts>,
  context: RemovalContext,
  targetRoles: TargetRoles = new Map(),
): Plan {
  const [objectsLeft, rolesLeft] = [
    new Map<string, JsonObject | undefined>(objects),
    new Map<string, RoleFacts | undefined>(roles),
  ];
  // The role of the whole pod goes last: a ServiceAccount that podrole made is deleted with its last role.
  const ordered = [
    ...found.filter(({ target }) => target.container !== undefined),
    ...found.filter(({ target }) => target.container === undefined),
  ];
  const ofServiceAccounts: Plan[] = [];
  const ofRoles: Plan[] = [];
  for (const each of ordered) {
    const { target, id, roleName } = each;
    const object = objectsLeft.get(id);
    if (object && !target.roleOnly) {
      const { namespace, serviceAccount: name, container } = target;
      const { annotationPrefix } = context;
      const plan = planServiceAccountRemoval({ namespace, name, object, container, annotationPrefix });
      objectsLeft.set(id, serviceAccountAfter(object, plan));
      ofServiceAccounts.push(plan);
    }
    const facts = rolesLeft.get(roleName);
    const plan = planRole(each, { object, facts }, context);
    if (facts) rolesLeft.set(roleName, roleAfter(facts, plan));
    ofRoles.push(plan);
  }
  const asked = ordered.map(({ target, id }) => ({ target, object: objects.get(id) }));
  const ofTargets = planTargetRemovals(asked, targetRoles, context.issuer);
  return joinPlans([...ofServiceAccounts, ofTargets, ...ofRoles]);
}

function planRole(
  { target, roleArn, account }: FoundTarget,
  { object, facts }: { object: JsonObject | undefined; facts: RoleFacts | undefined },
  { issuer, prune }: RemovalContext,
): Plan {
  const arn = roleArn === undefined ? undefined : parseRoleArn(roleArn);
  if (!account || (arn && (arn.account !== account.accountId || arn.partition !== account.partition))) {
    const place = account ? 'another account' : 'MinIO';
    return { ...EMPTY_PLAN, notes: [`${roleArn} is in ${place} and is left unchanged`] };
  }
  if (!facts) return EMPTY_PLAN;
  if (roleArn !== undefined && arn && otherRoleFault(facts, roleArn)) return leftNote(facts, roleArn);
  if (!isOfAccount(facts, account)) return leftNote(facts, undefined);
  const { namespace, serviceAccount: name, container } = target;
  const owner = serviceAccountTag(target);
  const ownership = roleOwnership(facts, { owner, issuers: [issuer], trustEntries: [] });
  const containers = [...ownContainers({ namespace, name }, object, [])];
  const { isOwn } = ownership;
  const trust = planTrustRemoval(facts, { issuer, namespace, name, container, containers, isOwn });
  return planRoleRemoval(facts, { ownership, trust, prune });
}

/** A role that only has the same name is another one: its owner is not asked here. */
function leftNote({ arn }: RoleFacts, asked: string | undefined): Plan {
  const reason = asked === undefined ? 'is of another account' : `is not ${asked}`;
  return {
    ...EMPTY_PLAN,
    notes: [`${arn} has the name of the role, but ${reason}, so it is left unchanged`],
  };
}

function isOfAccount({ arn }: RoleFacts, { accountId }: AwsAccount): boolean {
  const parsed = parseRoleArn(arn);
  return !parsed || parsed.account === accountId;
}
