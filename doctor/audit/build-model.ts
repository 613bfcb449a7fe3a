import { type Asked, isAll, isAsked, restrictTo } from './asked-grants.ts';
import type { AuditFacts, ClusterAuditFacts } from './facts/audit-facts.ts';
import { findAll } from './findings/find-all.ts';
import { joinNames } from './findings/make-finding.ts';
import { joinGrants } from './joins/join-grants.ts';
import { accountKey } from './joins/pods-of.ts';
import type {
  AuditedChain,
  AuditedCluster,
  AuditedGrant,
  AuditedRole,
  AuditedServiceAccount,
  AuditModel,
} from './model.ts';

/**
 * Joins and judges what was read. Pure.
 * @param asked default: everything
 * @throws PodroleError if something that is asked for does not exist; see restrictTo
 */
export function buildModel(
  given: AuditFacts,
  judgeChains: (facts: AuditFacts) => readonly AuditedChain[],
  asked: Asked = { roles: [], serviceAccounts: [] },
): AuditModel {
  const { facts, joined } = restrictTo(asked, given, joinGrants(given));
  const { grants } = joined;
  return {
    collectedAt: facts.collectedAt.toISOString(),
    account: facts.iam.account,
    clusters: given.clusters.map((cluster) =>
      clusterOf(cluster, given, joined.leftOut.get(cluster.context) ?? []),
    ),
    serviceAccounts: serviceAccountsIn(given, grants, isAll(asked)),
    roles: rolesOf(given, grants),
    grants,
    findings: findAll(facts, joined),
    chains: judgeChains(given).filter(isAsked(asked)),
  };
}

function clusterOf(
  { context, issuer, namespaceCount, serviceAccounts, pods, nodes, unread }: ClusterAuditFacts,
  { iam }: AuditFacts,
  leftOut: readonly string[],
): AuditedCluster {
  const tooMany = `grants without an annotation of ${joinNames(leftOut)}: there are too many; their findings name them`;
  return {
    context,
    issuer,
    totals: {
      namespaces: namespaceCount,
      serviceAccounts: serviceAccounts.length,
      pods: pods.length,
      nodes: nodes.count,
    },
    unread: [...unread, ...iam.unread, ...(leftOut.length > 0 ? [tooMany] : [])],
  };
}

function serviceAccountsIn(
  { clusters }: AuditFacts,
  grants: readonly AuditedGrant[],
  isEverything: boolean,
): readonly AuditedServiceAccount[] {
  const all = clusters.flatMap(serviceAccountsOf);
  if (isEverything) return all;
  const key = (cluster: string, namespace: string, name: string) => [cluster, namespace, name].join('\n');
  const wanted = new Set(grants.map((each) => key(each.cluster, each.namespace, each.serviceAccount)));
  return all.filter(({ cluster, namespace, name }) => wanted.has(key(cluster, namespace, name)));
}

function serviceAccountsOf({
  context,
  serviceAccounts,
  pods,
}: ClusterAuditFacts): readonly AuditedServiceAccount[] {
  const counts = new Map<string, number>();
  for (const { namespace, serviceAccount } of pods) {
    const key = accountKey(namespace, serviceAccount);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return serviceAccounts.map(({ namespace, name }) => ({
    cluster: context,
    namespace,
    name,
    pods: counts.get(accountKey(namespace, name)) ?? 0,
  }));
}

/** Returns the roles that somebody has, names, or that trust an audited cluster. */
function rolesOf({ iam }: AuditFacts, grants: readonly AuditedGrant[]): readonly AuditedRole[] {
  const known = new Map((iam.roles ?? []).map((role) => [role.arn, role]));
  return [...new Set(grants.map(({ roleArn }) => roleArn))].sort().map((arn) => {
    const lastUsedAt = known.get(arn)?.lastUsedAt;
    return {
      arn,
      exists: known.has(arn),
      lastUsedAt: lastUsedAt instanceof Date ? lastUsedAt.toISOString() : undefined,
    };
  });
}
