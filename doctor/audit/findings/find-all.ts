import { compareText } from '../../../lib/text/compare.ts';
import type { AuditFacts } from '../facts/audit-facts.ts';
import type { JoinedGrants } from '../joins/join-grants.ts';
import type { AuditFinding } from '../model.ts';
import { SEVERITIES } from '../severity.ts';
import { clusterFindings } from './clusters.ts';
import { oldProxyFindings } from './old-proxy.ts';
import { areRulesInUse, policyFindings } from './policies.ts';
import { rightsFindings } from './rights.ts';
import { roleFindings } from './roles.ts';
import { serviceAccountFindings } from './service-accounts.ts';
import { trustPolicyFindings } from './trust-policies.ts';

/** Returns every finding, the most severe first. */
export function findAll(facts: AuditFacts, { grants, unreadable }: JoinedGrants): readonly AuditFinding[] {
  const found = [
    ...trustPolicyFindings(facts, grants),
    ...roleFindings(facts, grants),
    ...serviceAccountFindings(facts, grants, unreadable),
    ...clusterFindings(facts),
    ...policyFindings(facts, grants),
    ...oldProxyFindings(facts),
    ...facts.clusters.flatMap((cluster) =>
      rightsFindings(cluster, grants, areRulesInUse(cluster, facts.settings)),
    ),
  ];
  return found
    .map((finding) => ({ finding, key: sortKey(finding) }))
    .sort((one, other) => compareText(one.key, other.key))
    .map(({ finding }) => finding);
}

function sortKey({ severity, code, cluster = '', namespace = '', object, text }: AuditFinding): string {
  return [SEVERITIES.indexOf(severity), code, cluster, namespace, object, text].join('\n');
}
