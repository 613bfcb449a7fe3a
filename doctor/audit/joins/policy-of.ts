import { PODROLE_ANNOTATION } from '../../../lib/contract/podrole.ts';
import { judgeRole } from '../../../policy/judge-role.ts';
import { areRolesJudged } from '../../facts/rule-facts.ts';
import type { AuditJudgement, ClusterAuditFacts } from '../facts/audit-facts.ts';
import type { AuditedGrant, JoinedGrant } from '../model.ts';

type Judged = Pick<AuditedGrant, 'policy' | 'policyReason'>;

const NAMED_BY: Partial<Readonly<Record<JoinedGrant['kind'], 'pod' | 'service-account'>>> = {
  'web-identity': 'service-account',
  'container-role': 'service-account',
  'pod-annotation': 'pod',
  kube2iam: 'pod',
};

/** Returns what judges the grants of a cluster by the rules of its namespaces and by the policy file. */
export function policyReader(
  { namespaceRules, context }: ClusterAuditFacts,
  { roleRules }: AuditJudgement,
): (grant: JoinedGrant) => Judged {
  const { policy, allowedRolesFormat = 'glob', baseRoleArn } = roleRules ?? {};
  const isInUse = areRolesJudged(roleRules);
  return ({ kind, cluster, namespace, serviceAccount, roleArn, given = roleArn }) => {
    const namedBy = NAMED_BY[kind];
    if (!isInUse || namedBy === undefined || cluster !== context) return NONE;
    const rules = { namespace: namespaceRules?.get(namespace), policy, allowedRolesFormat, baseRoleArn };
    const use = { namespace, serviceAccount, given, roleArn, namedBy };
    const refusal = judgeRole(use, rules);
    if (!namespaceRules && refusal?.rule !== 'policy-file')
      return { policy: 'none', policyReason: 'the rules of the namespace could not be read' };
    if (refusal) return { policy: 'refused', policyReason: `${refusal.object} ${refusal.problem}` };
    const isRuled =
      namedBy === 'pod' ||
      policy !== undefined ||
      rules.namespace?.annotations[PODROLE_ANNOTATION.allowedRoles] !== undefined;
    return isRuled ? { policy: 'allowed', policyReason: undefined } : NONE;
  };
}

const NONE: Judged = { policy: 'none', policyReason: undefined };
