import { parseRoleArn, type RoleArn } from '../../../lib/arn.ts';
import { isNamespaceName, isObjectName } from '../../../lib/kubernetes-names.ts';
import type { MigratedWorkload, MigrationModel } from '../../model.ts';
import { type WorkloadKind, workloadKindOf } from './workload-kind.ts';

/** A workload that the steps move, with names that are valid. */
export interface Move {
  readonly workload: MigratedWorkload;
  readonly kind: WorkloadKind;
  readonly role: RoleArn;
  /** ServiceAccount of its pods afterwards. */
  readonly serviceAccount: string;
  /** Reason why the ServiceAccount cannot get the role's annotation; undefined if it can. */
  readonly stays: string | undefined;
}

/** An object that the steps leave out. */
export interface LeftOut {
  readonly object: string;
  /** Rest of a sentence that begins with the object. */
  readonly reason: string;
}

export interface Moves {
  readonly moves: readonly Move[];
  readonly left: readonly LeftOut[];
}

/** Sorts the workloads of a plan into those that the files move, and the others. */
export function movesOf(model: MigrationModel): Moves {
  const missing = new Set(model.roles.filter(({ exists }) => exists === false).map(({ arn }) => arn));
  const proposed = new Set(
    model.namespaces.flatMap(({ name, proposedAllowedRoles }) => (proposedAllowedRoles ? [name] : [])),
  );
  const known = new Map<string, MigratedWorkload>();
  const possible: Omit<Move, 'stays'>[] = [];
  const left: LeftOut[] = [];
  for (const workload of model.workloads) {
    const found = readWorkload(workload, missing, proposed);
    const key = describe(workload);
    const earlier = known.get(key);
    if ('reason' in found) left.push(found);
    else if (!earlier) possible.push(found);
    else if (earlier.roleArn !== workload.roleArn)
      left.push({ object: key, reason: `names a second role, ${workload.roleArn}` });
    known.set(key, earlier ?? workload);
  }
  const roles = rolesByServiceAccount(possible);
  return { moves: possible.map((move) => ({ ...move, stays: whyItStays(move, roles) })), left };
}

/** `Deployment shop/web`. */
function describe({ kind, namespace, name }: MigratedWorkload): string {
  return `${kind} ${namespace}/${name}`;
}

function readWorkload(
  workload: MigratedWorkload,
  missing: ReadonlySet<string>,
  proposed: ReadonlySet<string>,
): Omit<Move, 'stays'> | LeftOut {
  const { namespace, name, serviceAccount, newServiceAccount, roleArn = '', refused } = workload;
  const object = describe(workload);
  const kind = workloadKindOf(workload.kind, workload.apiVersion);
  if (!kind) return { object, reason: 'is of a kind whose pod template podrole cannot patch' };
  const names = [name, serviceAccount, ...(newServiceAccount === undefined ? [] : [newServiceAccount])];
  if (!isNamespaceName(namespace) || !names.every(isObjectName))
    return { object, reason: 'has a name that the API server does not accept' };
  const role = parseRoleArn(roleArn);
  if (!role) return { object, reason: `names the role ${workload.given}, which cannot be made an ARN` };
  if (missing.has(roleArn)) return { object, reason: `names ${roleArn}, which does not exist` };
  const staysRefused = workload.staysRefused ?? !proposed.has(namespace);
  if (refused !== undefined && staysRefused) return { object, reason: `may not use ${roleArn}: ${refused}` };
  return { workload, kind, role, serviceAccount: newServiceAccount ?? serviceAccount };
}

function rolesByServiceAccount(moves: readonly Omit<Move, 'stays'>[]): ReadonlyMap<string, Set<string>> {
  const roles = new Map<string, Set<string>>();
  for (const { workload, serviceAccount, role } of moves) {
    const id = `${workload.namespace}/${serviceAccount}`;
    roles.set(id, (roles.get(id) ?? new Set()).add(role.arn));
  }
  return roles;
}

/** The annotation of a ServiceAccount gives its role to all of its pods, also to those that name no role. */
function whyItStays(
  { workload, serviceAccount, role }: Omit<Move, 'stays'>,
  roles: ReadonlyMap<string, ReadonlySet<string>>,
): string | undefined {
  if (serviceAccount === 'default')
    return 'uses the ServiceAccount default, whose role every pod without a ServiceAccount would get';
  if ((roles.get(`${workload.namespace}/${serviceAccount}`)?.size ?? 0) > 1)
    return `shares the ServiceAccount ${serviceAccount} with workloads of another role`;
  const { serviceAccountRole, newServiceAccount, given } = workload;
  const isOther = serviceAccountRole !== undefined && ![role.arn, given].includes(serviceAccountRole);
  if (newServiceAccount === undefined && workload.serviceAccountIsRead === false)
    return `uses the ServiceAccount ${serviceAccount}, which was not found, so it may have a role already`;
  return newServiceAccount === undefined && isOther
    ? `uses the ServiceAccount ${serviceAccount}, which has the role ${serviceAccountRole} already`
    : undefined;
}
