import type { MigrationFacts } from './facts/migration-facts.ts';
import { findAll } from './findings/find-all.ts';
import { someOf } from './findings/make-finding.ts';
import { joinNamespaces } from './join/join-namespaces.ts';
import { joinRoles } from './join/join-roles.ts';
import { joinWorkloads } from './join/join-workloads.ts';
import { type NamedRole, namedRoles } from './join/named-roles.ts';
import { webhookFlagsOf } from './join/role-names.ts';
import { splitAccounts } from './join/split-accounts.ts';
import type { MigrationModel } from './model.ts';

/** Joins and judges what was read. Pure, and linear in what it is given. */
export function buildMigrationModel(facts: MigrationFacts): MigrationModel {
  const flags = webhookFlagsOf(facts);
  const named = namedRoles(facts, flags);
  const splits = splitAccounts(named, facts, flags.baseRoleArn);
  const { namespaces, refused } = joinNamespaces(named, facts, flags);
  const workloads = joinWorkloads({ named, splits, refused }, facts);
  const { joined, proxyRoleArn } = joinRoles(workloads, facts);
  const { from, collectedAt, issuer, settings, proxies = [], unread } = facts;
  return {
    from,
    collectedAt: collectedAt.toISOString(),
    issuer,
    audience: settings.audience,
    annotationPrefix: settings.annotationPrefix,
    proxyRoleArn,
    proxies: proxies.map(({ kind, namespace, name, part }) => ({ kind, namespace, name, part })),
    webhookFlags: flags,
    workloads,
    isWhole: facts.isWhole,
    roles: joined.map(({ role }) => role),
    splits,
    namespaces,
    findings: findAll({ facts, flags, named, splits, joined, proxyRoleArn, namespaces, refused }),
    unread: [...unread, ...unreadNamespaces(facts, named), ...unknownProxyRole(facts, proxyRoleArn)],
  };
}

/** Saved manifests may hold a workload without its Namespace. */
function unreadNamespaces({ namespaces }: MigrationFacts, named: readonly NamedRole[]): readonly string[] {
  const used = new Set(named.map(({ workload }) => workload.namespace));
  const missing = [...used].filter((name) => namespaces && !namespaces.has(name)).sort();
  return missing.length === 0
    ? []
    : [`Namespaces ${someOf(missing)}: were not found; without them: which roles they allow`];
}

function unknownProxyRole({ iam }: MigrationFacts, proxyRoleArn: string | undefined): readonly string[] {
  if (proxyRoleArn !== undefined || !iam.roles) return [];
  return [
    'role of the proxy: the trust policies do not name one role more often than others; give --proxy-role-arn; without it: which trust to remove at the end',
  ];
}
