import type { AuditCode } from '../explanations/audit-code.ts';
import type { ClusterAuditFacts } from '../facts/audit-facts.ts';
import type { RbacSubject } from '../facts/rbac-facts.ts';
import { accountKey } from '../joins/pods-of.ts';
import type { AuditedGrant, AuditFinding } from '../model.ts';
import type { HeldPower } from '../rbac/powers.ts';
import { POWERS_OVER_PODS, type Power } from '../rbac/rights.ts';
import { findTakeovers, isEverybody, type Takeover } from '../rbac/takeovers.ts';
import { auditFinding, joinNames } from './make-finding.ts';

const CODES: Readonly<Record<Power, AuditCode>> = {
  administer: 'CLUSTER_ADMINISTRATOR',
  'request tokens': 'CAN_REQUEST_TOKENS',
  'create pods': 'CAN_CREATE_PODS',
  'change workloads': 'CAN_CHANGE_WORKLOADS',
  'grant rights': 'CAN_GRANT_RIGHTS',
  'approve client certificates': 'CAN_GRANT_RIGHTS',
  'change admission webhooks': 'CAN_CHANGE_WORKLOADS',
  'exec into pods': 'CAN_EXEC',
  'change the images of pods': 'CAN_EXEC',
  'add ephemeral containers': 'CAN_ADD_EPHEMERAL_CONTAINERS',
  'annotate ServiceAccounts': 'CAN_ANNOTATE',
  'annotate Namespaces': 'CAN_CHANGE_NAMESPACE_RULES',
  'impersonate ServiceAccounts': 'CAN_IMPERSONATE',
  'impersonate users': 'CAN_IMPERSONATE',
};

/**
 * Returns a finding for each binding that lets its subjects take roles of ServiceAccounts. Its code is that
 * of the most direct way; its text has all of them.
 */
export function rightsFindings(
  cluster: ClusterAuditFacts,
  grants: readonly AuditedGrant[],
  areRulesInUse: boolean,
): readonly AuditFinding[] {
  const roles = indexRoles(cluster, grants);
  // Many bindings of a namespace may be to one role with many names.
  const known = new Map<string, readonly string[]>();
  return findTakeovers(cluster.rbac).flatMap((takeover) => {
    const { kind, name: ofRole } = takeover.binding.role;
    const key = [takeover.binding.namespace ?? '', kind, ofRole].join('/');
    const reached = known.get(key) ?? rolesReached(takeover, roles);
    known.set(key, reached);
    const { binding, subjects } = takeover;
    const powers = takeover.powers.filter(({ power }) => power !== 'annotate Namespaces' || areRulesInUse);
    const [first] = powers;
    if (reached.length === 0 || !first) return [];
    const { namespace, name, role } = binding;
    const isCluster = namespace === undefined;
    const who = joinNames(subjects.slice(0, 5).map(describeSubject), subjects.length);
    const does = first.power === 'administer' ? 'do everything' : powers.map(describePower).join(', ');
    const where = isCluster ? 'in every namespace' : `in namespace ${namespace}`;
    return [
      auditFinding(codeOf(first, takeover), {
        cluster: cluster.context,
        namespace,
        object: isCluster ? `ClusterRoleBinding ${name}` : `RoleBinding ${namespace}/${name}`,
        text: `lets ${who} ${does} ${where}, by ${role.kind} ${role.name}, and so get ${joinNames(reached.slice(0, 5), reached.length)}`,
        remedy: {
          text: remedyFor(role),
          commands: [],
        },
      }),
    ];
  });
}

/** Roles for people that Kubernetes has, and repairs when its API server starts. */
const BUILT_IN = new Set(['cluster-admin', 'admin', 'edit']);

function remedyFor({ kind, name }: Takeover['binding']['role']): string {
  return kind === 'ClusterRole' && BUILT_IN.has(name)
    ? `bind a narrower role than ClusterRole ${name}, which Kubernetes itself keeps, or remove subjects from the binding`
    : `remove what is not needed from ${kind} ${name}, or from the subjects of the binding`;
}

/** An administrator is meant to be one, unless everybody is. */
function codeOf({ power }: HeldPower, { subjects }: Takeover): AuditCode {
  return power === 'administer' && subjects.some(isEverybody) ? 'CAN_GRANT_RIGHTS' : CODES[power];
}

function describePower({ power, names }: HeldPower): string {
  if (names === undefined) return power;
  return `${power} (only ${joinNames(names)})`;
}

function describeSubject({ kind, name, namespace }: RbacSubject): string {
  return kind === 'ServiceAccount' ? `ServiceAccount ${namespace}/${name}` : `${kind} ${name}`;
}

/** Roles of ServiceAccounts in words, `arn:… of shop/web`, found by what a right is limited to. */
interface RoleIndex {
  readonly everywhere: readonly string[];
  readonly byNamespace: ReadonlyMap<string, readonly string[]>;
  /** By `namespace/name` of a ServiceAccount, and by `/name` for that name in any namespace. */
  readonly byAccount: ReadonlyMap<string, readonly string[]>;
  /** The same for names of running pods. */
  readonly byPod: ReadonlyMap<string, readonly string[]>;
}

function indexRoles({ context, pods }: ClusterAuditFacts, grants: readonly AuditedGrant[]): RoleIndex {
  const everywhere = new Set<string>();
  const byNamespace = new Map<string, Set<string>>();
  const byAccount = new Map<string, Set<string>>();
  for (const { cluster, namespace, serviceAccount, roleArn, verdict, kind } of grants) {
    if (cluster !== context || verdict === 'refused' || kind === 'node-profile') continue;
    const role = `${roleArn} of ${namespace}/${serviceAccount}`;
    everywhere.add(role);
    add(byNamespace, namespace, [role]);
    add(byAccount, accountKey(namespace, serviceAccount), [role]);
    add(byAccount, accountKey('', serviceAccount), [role]);
  }
  const byPod = new Map<string, Set<string>>();
  for (const { namespace, name, serviceAccount } of pods) {
    const roles = [...(byAccount.get(accountKey(namespace, serviceAccount)) ?? [])].slice(
      0,
      MAX_ROLES_PER_POD,
    );
    if (roles.length === 0) continue;
    add(byPod, accountKey(namespace, name), roles);
    add(byPod, accountKey('', name), roles);
  }
  return {
    everywhere: [...everywhere],
    byNamespace: lists(byNamespace),
    byAccount: lists(byAccount),
    byPod: lists(byPod),
  };
}

/** Roles of one pod that are kept for a right limited to its name. */
const MAX_ROLES_PER_POD = 5;

function add(index: Map<string, Set<string>>, key: string, roles: readonly string[]): void {
  const known = index.get(key) ?? new Set();
  for (const role of roles) known.add(role);
  index.set(key, known);
}

function lists(index: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, readonly string[]> {
  return new Map([...index].map(([key, roles]) => [key, [...roles]]));
}

function rolesReached({ binding, powers }: Takeover, roles: RoleIndex): readonly string[] {
  const { namespace } = binding;
  if (powers.some(({ names }) => names === undefined))
    return namespace === undefined ? roles.everywhere : (roles.byNamespace.get(namespace) ?? []);
  const found = powers.flatMap(({ power, names = [] }) => {
    const index = POWERS_OVER_PODS.includes(power) ? roles.byPod : roles.byAccount;
    return names.flatMap((name) => index.get(accountKey(namespace ?? '', name)) ?? []);
  });
  return [...new Set(found)];
}
