import { type IamIndex, type Judged, judgeNamedRole } from '../../doctor/audit/joins/judge-grant.ts';
import { accountKey } from '../../doctor/audit/joins/pods-of.ts';
import { parseRoleArn } from '../../lib/arn.ts';
import type { MigrationFacts } from '../facts/migration-facts.ts';
import type { MigratedRole, MigratedWorkload } from '../model.ts';
import { agreedFlag } from './agreed-flag.ts';
import { commonRole, trustsRole } from './trusted-principals.ts';

/** A role, and the verdicts of its trust policy by ServiceAccount. */
export interface JoinedRole {
  readonly role: MigratedRole;
  readonly verdicts: ReadonlyMap<string, Judged>;
}

export interface JoinedRoles {
  readonly joined: readonly JoinedRole[];
  readonly proxyRoleArn: string | undefined;
}

/** Joins the roles that workloads name with IAM, sorted by ARN. */
export function joinRoles(workloads: readonly MigratedWorkload[], facts: MigrationFacts): JoinedRoles {
  const iam: IamIndex = {
    account: facts.iam.account,
    roles: facts.iam.roles && new Map(facts.iam.roles.map((role) => [role.arn, role])),
    // A missing provider is a finding of its own, and says nothing about a trust policy.
    providers: undefined,
  };
  const users = Map.groupBy(
    workloads.filter(({ roleArn }) => roleArn !== undefined),
    ({ roleArn = '' }) => roleArn,
  );
  const arns = [...users.keys()].sort();
  const proxyRoleArn = proxyRoleOf(facts, arns, iam);
  const joined = arns.map((arn) => joinRole(arn, users.get(arn) ?? [], { facts, iam, proxyRoleArn }));
  return { joined, proxyRoleArn };
}

function proxyRoleOf(
  { settings, proxies = [] }: MigrationFacts,
  arns: readonly string[],
  { roles }: IamIndex,
): string | undefined {
  const policies = arns.flatMap((arn) => roles?.get(arn)?.trustPolicy ?? []);
  return (
    settings.proxyRoleArn ?? agreedFlag(proxies, ({ assumesFirst }) => assumesFirst) ?? commonRole(policies)
  );
}

interface RoleContext {
  readonly facts: MigrationFacts;
  readonly iam: IamIndex;
  readonly proxyRoleArn: string | undefined;
}

function joinRole(
  arn: string,
  users: readonly MigratedWorkload[],
  { facts, iam, proxyRoleArn }: RoleContext,
): JoinedRole {
  const found = iam.roles?.get(arn);
  const accounts = new Map(
    users
      .flatMap(accountsOf)
      .map((account) => [accountKey(account.namespace, account.serviceAccount), account]),
  );
  const { issuer, settings, collectedAt } = facts;
  const verdicts = new Map(
    [...accounts].sort().map(([key, account]) => {
      const asked = { ...account, issuer, roleArn: arn, audience: settings.audience };
      return [key, judgeNamedRole(asked, iam, collectedAt)] as const;
    }),
  );
  const known = [...verdicts].filter(([, { verdict }]) => verdict !== 'unknown');
  const refused = known.filter(([, { verdict }]) => verdict === 'refused').map(([key]) => key);
  const current = users.map(({ namespace, serviceAccount }) => accountKey(namespace, serviceAccount));
  const role: MigratedRole = {
    arn,
    exists: found ? true : existsUnread(arn, iam),
    trustPolicy: found?.trustPolicy,
    trustsProxy:
      found && proxyRoleArn !== undefined ? trustsRole(found.trustPolicy, proxyRoleArn) : undefined,
    currentServiceAccounts: [...new Set(current)].sort(),
    serviceAccounts: [...verdicts.keys()],
    untrusted: known.length === 0 ? undefined : refused,
  };
  return { role, verdicts };
}

/** Pods that podrole gives the role by their annotation take it as the ServiceAccount that they share. */
function accountsOf({ namespace, serviceAccount, newServiceAccount, servedBy }: MigratedWorkload) {
  const next = { namespace, serviceAccount: newServiceAccount ?? serviceAccount };
  const isServed = servedBy === 'podrole' || servedBy === 'both';
  return isServed ? [next, { namespace, serviceAccount }] : [next];
}

/** Returns false for a role that is not in the list of its account; undefined for one of another account. */
function existsUnread(arn: string, { roles, account }: IamIndex): false | undefined {
  return roles && account && parseRoleArn(arn)?.account === account.accountId ? false : undefined;
}
