import { compareText } from '../../../lib/text/compare.ts';
import type { AuditFacts } from '../facts/audit-facts.ts';
import type { AuditedGrant, JoinedGrant } from '../model.ts';
import { safeText } from '../safe-text.ts';
import { indexIam } from './judge-grant.ts';
import { namedGrants, type UnreadableRole } from './named-grants.ts';
import { kube2iamGrants, nodeGrants } from './node-grants.ts';
import { policyReader } from './policy-of.ts';
import { trustedGrants } from './trusted-grants.ts';
import { indexTrustingRoles } from './trusting-roles.ts';

export interface JoinedGrants {
  /** Sorted by cluster, namespace, ServiceAccount, container and role. */
  readonly grants: readonly AuditedGrant[];
  readonly unreadable: readonly UnreadableRole[];
  /** By context: ARNs of roles whose grants are left out, since there are too many. */
  readonly leftOut: ReadonlyMap<string, readonly string[]>;
}

/** Joins ServiceAccounts, pods and roles of all clusters: who may assume what. */
export function joinGrants({ clusters, iam, settings, collectedAt }: AuditFacts): JoinedGrants {
  const index = indexIam(iam);
  const trusting = indexTrustingRoles(iam.roles ?? []);
  const leftOut = new Map<string, readonly string[]>();
  const unreadable: UnreadableRole[] = [];
  const safe = createSafe();
  const joined = clusters.flatMap((cluster) => {
    const policyOf = policyReader(cluster, settings);
    const named = namedGrants(cluster, index, settings, collectedAt);
    const names = new Set(named.grants.filter(({ verdict }) => verdict !== 'refused').map(edgeKey));
    const isNamed = (grant: Edge) => names.has(edgeKey(grant));
    const trusted = trustedGrants(cluster, index, trusting, { settings, now: collectedAt, isNamed });
    leftOut.set(cluster.context, trusted.leftOut);
    for (const each of named.unreadable) unreadable.push(each);
    return [
      ...named.grants,
      ...trusted.grants,
      ...kube2iamGrants(cluster, index, settings),
      ...nodeGrants(cluster, settings),
    ].map((grant): AuditedGrant => ({ ...grant, ...policyOf(grant) }));
  });
  return {
    grants: joined
      .map((grant) => ({ grant, key: sortKey(grant) }))
      .sort((one, other) => compareText(one.key, other.key))
      .map(({ grant }) => ({
        ...grant,
        reasons: grant.reasons.map(safe),
        policyReason: grant.policyReason && safe(grant.policyReason),
      })),
    unreadable,
    leftOut,
  };
}

/** Many grants have the same reasons. */
function createSafe(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const safe = known.get(text) ?? safeText(text);
    known.set(text, safe);
    return safe;
  };
}

type Edge = Pick<JoinedGrant, 'cluster' | 'namespace' | 'serviceAccount' | 'roleArn'>;

function edgeKey({ cluster, namespace, serviceAccount, roleArn }: Edge): string {
  return [cluster, namespace, serviceAccount, roleArn].join('\n');
}

function sortKey(grant: AuditedGrant): string {
  const { cluster, namespace, serviceAccount, container = '', roleArn } = grant;
  return [cluster, namespace, serviceAccount, container, roleArn].join('\n');
}
