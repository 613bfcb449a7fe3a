import { PodroleError } from '../../lib/errors.ts';
import { type NamedServiceAccount, parseServiceAccounts } from '../../lib/operands/service-accounts.ts';
import type { AuditFacts } from './facts/audit-facts.ts';
import type { JoinedGrants } from './joins/join-grants.ts';
import { accountKey } from './joins/pods-of.ts';
import type { AuditedGrant } from './model.ts';

/** Question of a user: who may assume these roles, or what these ServiceAccounts may assume. */
export interface Asked {
  /** ARNs; empty: all. */
  readonly roles: readonly string[];
  /** Empty: all. */
  readonly serviceAccounts: readonly NamedServiceAccount[];
}

/** @throws PodroleError `INVALID_SETTING` */
export function askedOf(
  roles: readonly string[],
  serviceAccounts: readonly string[],
  namespace: string | undefined,
): Asked {
  return { roles, serviceAccounts: parseServiceAccounts(serviceAccounts, namespace, false) };
}

export function isAll({ roles, serviceAccounts }: Asked): boolean {
  return roles.length === 0 && serviceAccounts.length === 0;
}

type Edge = Pick<AuditedGrant, 'namespace' | 'serviceAccount' | 'roleArn'>;

/** Returns what decides whether an edge is asked for. */
export function isAsked({ roles, serviceAccounts }: Asked): (edge: Edge) => boolean {
  const arns = new Set(roles);
  const keys = new Set(serviceAccounts.map(({ namespace = '', name }) => accountKey(namespace, name)));
  return ({ namespace, serviceAccount, roleArn }) =>
    (arns.size === 0 || arns.has(roleArn)) &&
    (keys.size === 0 ||
      keys.has(accountKey('', serviceAccount)) ||
      keys.has(accountKey(namespace, serviceAccount)));
}

/**
 * Keeps what is asked for. "Nobody" must not be the answer for a misspelt name.
 * @throws PodroleError `NOT_IN_IAM`, `SERVICE_ACCOUNT_MISSING`
 */
export function restrictTo(
  asked: Asked,
  facts: AuditFacts,
  joined: JoinedGrants,
): { readonly facts: AuditFacts; readonly joined: JoinedGrants } {
  if (isAll(asked)) return { facts, joined };
  refuseUnknownRoles(asked, facts, joined);
  refuseUnknownAccounts(asked, facts);
  const isWanted = isAsked(asked);
  const grants = joined.grants.filter(isWanted);
  const unreadable =
    asked.roles.length > 0 ? [] : joined.unreadable.filter((each) => isWanted({ ...each, roleArn: '' }));
  const wanted = new Set(asked.roles.length > 0 ? asked.roles : grants.map(({ roleArn }) => roleArn));
  const { iam, clusters } = facts;
  return {
    facts: {
      ...facts,
      // Keys and nodes are nobody's role.
      clusters: clusters.map((cluster) => ({
        ...cluster,
        keys: [],
        nodes: { ...cluster.nodes, onEc2: 0, roleArns: [] },
      })),
      iam: { ...iam, roles: iam.roles?.filter(({ arn }) => wanted.has(arn)) },
    },
    joined: { ...joined, grants, unreadable },
  };
}

function refuseUnknownRoles({ roles }: Asked, { iam }: AuditFacts, { grants }: JoinedGrants): void {
  if (!iam.roles) return;
  const known = new Set(
    [...iam.roles, ...grants.map(({ roleArn }) => ({ arn: roleArn }))].map(({ arn }) => arn),
  );
  const missing = roles.find((arn) => !known.has(arn));
  if (missing === undefined) return;
  throw new PodroleError({
    code: 'NOT_IN_IAM',
    object: `--role ${missing}`,
    problem: 'is not a role of the account, and no ServiceAccount names it',
    remedy: 'correct the ARN, with its path, or use credentials of its account',
  });
}

function refuseUnknownAccounts({ serviceAccounts }: Asked, { clusters }: AuditFacts): void {
  if (!clusters.every(({ hasAllServiceAccounts }) => hasAllServiceAccounts)) return;
  const known = new Set(
    clusters.flatMap((cluster) =>
      cluster.serviceAccounts.flatMap(({ namespace, name }) => [
        accountKey(namespace, name),
        accountKey('', name),
      ]),
    ),
  );
  const missing = serviceAccounts.find(({ namespace = '', name }) => !known.has(accountKey(namespace, name)));
  if (missing === undefined) return;
  const { namespace, name } = missing;
  throw new PodroleError({
    code: 'SERVICE_ACCOUNT_MISSING',
    object: `ServiceAccount ${namespace === undefined ? name : accountKey(namespace, name)}`,
    problem: 'does not exist',
    remedy: 'correct the name, or see podrole list --all',
  });
}

/**
 * Every namespace has the ServiceAccount default.
 * @throws PodroleError `NAMESPACE_MISSING`
 */
export function refuseUnknownNamespace(namespace: string | undefined, { clusters }: AuditFacts): void {
  if (namespace === undefined) return;
  const isEmpty = clusters.every(
    ({ hasAllServiceAccounts, serviceAccounts }) => hasAllServiceAccounts && serviceAccounts.length === 0,
  );
  if (!isEmpty) return;
  throw new PodroleError({
    code: 'NAMESPACE_MISSING',
    object: `namespace ${namespace}`,
    problem: 'does not exist, or has no ServiceAccount',
    remedy: 'correct the name, or leave it out to audit all namespaces',
  });
}
