import { awsAccountOf, parseRoleArn, type RoleArn } from '../../../lib/arn.ts';
import { asObject, type JsonObject } from '../../../lib/json/json.ts';
import type { MigratedRole, MigratedWorkload, MigrationModel } from '../../model.ts';
import type { LeftOut } from '../parts/moves.ts';
import { withoutPrincipal } from './without-principal.ts';

/** A role whose workloads all have it from podrole. */
export interface MovedRole {
  readonly role: RoleArn;
  readonly account: string;
  readonly before: JsonObject;
  /** Its trust policy without the proxy's role. */
  readonly after: JsonObject;
  /** Workloads that have no pods now, `Deployment shop/web`. */
  readonly idle: readonly string[];
}

export interface MovedRoles {
  readonly moved: readonly MovedRole[];
  /** Roles that the proxy must still be able to assume. */
  readonly waiting: readonly LeftOut[];
}

/** Sorts the roles into those that no longer need the proxy, and the others. */
export function movedRoles(model: MigrationModel): MovedRoles {
  const workloads = Map.groupBy(model.workloads, ({ roleArn }) => roleArn);
  const moved: MovedRole[] = [];
  const waiting: LeftOut[] = [];
  for (const role of model.roles) {
    const judged = readRole(role, workloads.get(role.arn) ?? [], model.proxyRoleArn);
    const found = model.isWhole === false && typeof judged === 'object' ? UNSEEN : judged;
    if (typeof found === 'string') waiting.push({ object: `role ${role.arn}`, reason: found });
    else if (found) moved.push(found);
  }
  return { moved, waiting };
}

const UNSEEN =
  'may be used by pods that were not read: plan for all namespaces, with the right to list pods and workloads';

/** @returns the reason why it waits; undefined if the proxy cannot assume it anyway */
function readRole(
  { arn, exists, trustPolicy, trustsProxy, untrusted }: MigratedRole,
  workloads: readonly MigratedWorkload[],
  proxyRoleArn: string | undefined,
): MovedRole | string | undefined {
  if (trustsProxy === false || exists === false) return undefined;
  const role = parseRoleArn(arn);
  const account = role && awsAccountOf(role);
  const before = asObject(trustPolicy);
  if (!role || account === undefined) return 'is not in AWS';
  if (!before || trustsProxy === undefined || untrusted === undefined)
    return 'has a trust policy that was not read';
  if (untrusted.length > 0) return `does not trust ${untrusted.join(', ')} yet: step 1`;
  const unmoved = workloads.filter(({ servedBy }) => servedBy !== 'podrole' && servedBy !== 'no pods');
  if (unmoved.length > 0) return `is used by ${unmoved.map(describe).join(', ')}, not moved yet: step 2`;
  const withoutPods = workloads.filter(({ servedBy }) => servedBy === 'no pods');
  const denied = withoutPods.filter(
    ({ refused, serviceAccountRole }) => refused && serviceAccountRole !== arn,
  );
  if (denied.length > 0)
    return `is used by ${denied.map(describe).join(', ')}, whose next pods may not use it: ${denied[0]?.refused}`;
  if (proxyRoleArn === undefined) return 'trusts a proxy whose own role is unknown: give --proxy-role-arn';
  const after = withoutPrincipal(before, proxyRoleArn);
  if (!after) return 'would trust nobody without the proxy';
  if (after === before)
    return `does not name ${proxyRoleArn}: it trusts the proxy by a wildcard or a whole account; change that by hand`;
  const idle = withoutPods.map(describe);
  return { role, account, before, after, idle };
}

function describe({ kind, namespace, name }: MigratedWorkload): string {
  return `${kind} ${namespace}/${name}`;
}
