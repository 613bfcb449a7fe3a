import { statementsOf } from '../../../bind/trust/trust-policy-parts.ts';
import { asArray, asObject, asText } from '../../../lib/json/json.ts';
import { globMatches } from '../../../lib/text/glob.ts';
import type { AuditFacts, AuditRole } from '../facts/audit-facts.ts';
import { nodeRoleArns } from '../joins/node-grants.ts';
import type { AuditFinding } from '../model.ts';
import { auditFinding, joinNames } from './make-finding.ts';

/** Returns a finding for each kube2iam or kiam: how many roles its own role may assume, by their trust. */
export function oldProxyFindings({ clusters, iam, settings }: AuditFacts): readonly AuditFinding[] {
  return clusters.flatMap((cluster) => {
    const own = nodeRoleArns(cluster, settings);
    const accounts = iam.account ? accountPrincipals(iam.account) : [];
    const open = (iam.roles ?? []).filter(
      ({ arn, trustPolicy }) => !own.includes(arn) && trustsAny(trustPolicy, [...own, ...accounts]),
    );
    if (open.length === 0) return [];
    const which = own.length > 0 ? `role ${joinNames(own)}` : 'role';
    return cluster.agents
      .filter(({ kind }) => kind === 'kube2iam' || kind === 'kiam')
      .map(({ kind, namespace, name }) =>
        auditFinding('OLD_PROXY_MAY_ASSUME', {
          cluster: cluster.context,
          namespace,
          object: `DaemonSet ${namespace}/${name}`,
          text: `is ${kind}, whose ${which} may assume ${open.length === 1 ? 'a role' : `${open.length} roles`} that trust it or the whole account, if its policies allow sts:AssumeRole on them: ${joinNames(open.map(({ arn }) => arn))}`,
          remedy: {
            text: 'move its pods to podrole, then remove it, its statement in the trust policies, and its right sts:AssumeRole',
            commands: [`podrole migrate ${kind}`],
          },
        }),
      );
  });
}

function accountPrincipals({
  accountId,
  partition,
}: {
  accountId: string;
  partition: string;
}): readonly string[] {
  return [accountId, `arn:${partition}:iam::${accountId}:root`];
}

const ASSUME_ROLE = 'sts:assumerole';

/** True if an Allow lets in one of these principals by sts:AssumeRole. Conditions are not evaluated. */
function trustsAny(policy: AuditRole['trustPolicy'], principals: readonly string[]): boolean {
  return statementsOf(asObject(policy)).some((raw) => {
    const statement = asObject(raw);
    if (statement?.['Effect'] !== 'Allow') return false;
    const isAbout = strings(statement['Action']).some((action) =>
      globMatches(action.toLowerCase(), ASSUME_ROLE),
    );
    const given = strings(asObject(statement['Principal'])?.['AWS']);
    return isAbout && given.some((each) => each === '*' || principals.includes(each));
  });
}

function strings(value: unknown): readonly string[] {
  return (asArray(value) ?? [value]).flatMap((item) => asText(item) ?? []);
}
