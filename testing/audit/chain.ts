import type { AuditedGrant } from '../../doctor/audit/model.ts';
import type { Finding } from '../../doctor/chain/finding.ts';
import { findingsOf } from '../../doctor/chain/findings-of.ts';
import type { FindingCode } from '../../doctor/explanations/finding-code.ts';
import { LINK_IDS, type LinkId } from '../../doctor/link-ids.ts';

type Chained = Pick<AuditedGrant, 'namespace' | 'serviceAccount' | 'roleArn' | 'verdict'>;

/** Links that an audit does not judge, since it makes no live call. */
const NOT_ASKED: readonly LinkId[] = ['token', 'api-audience', 'exchange', 'permissions'];

/** Makes the findings of a chain that ends as the verdict of its grant says. */
export function chainOf(grant: Chained): readonly Finding[] {
  const at = LINK_IDS.indexOf('trust-policy');
  return LINK_IDS.map((link, index) => {
    if (link === 'trust-policy') return trustPolicy(grant);
    const object = `ServiceAccount ${grant.namespace}/${grant.serviceAccount}`;
    if (NOT_ASKED.includes(link))
      return findingsOf(link).unknown(object, { state: 'not asked', why: 'an audit only reads lists' });
    const isAfter = grant.verdict === 'refused' && index > at;
    return finding({ link, state: isAfter ? 'skipped' : 'ok', object, found: 'is as expected' });
  });
}

function trustPolicy({ namespace, serviceAccount, roleArn, verdict }: Chained): Finding {
  const subject = `system:serviceaccount:${namespace}:${serviceAccount}`;
  const parts = { link: 'trust-policy', object: `role ${roleArn}` } as const;
  const remedy = {
    text: 'let the role trust the ServiceAccount',
    commands: [`podrole bind -n ${namespace} ${serviceAccount} --approve`],
  };
  if (verdict === 'refused')
    return finding({
      ...parts,
      state: 'broken',
      code: 'TRUST_POLICY_REFUSES',
      expected: `lets ${subject} in`,
      found: 'refuses the ServiceAccount: no statement allows its sub',
      remedy,
      details: ['statement 1, StringEquals sub: system:serviceaccount:shop:wbe is one character off'],
    });
  if (verdict === 'restricted')
    return finding({
      ...parts,
      state: 'warning',
      code: 'TRUST_POLICY_UNCHECKED',
      expected: `lets ${subject} in without conditions that nobody can check`,
      found: 'has a condition on aws:SourceIp, which only STS can evaluate',
      remedy: { text: 'make sure that the addresses of the nodes are in the condition', commands: [] },
    });
  if (verdict === 'unknown')
    return finding({ ...parts, state: 'unknown', found: 'was not read: it is of another account' });
  return finding({ ...parts, state: 'ok', found: `lets ${subject} in, by statement 1` });
}

function finding(
  parts: Partial<Omit<Finding, 'code'>> & Pick<Finding, 'link' | 'state'> & { code?: string },
): Finding {
  const nothing = { object: '', expected: '', found: '', remedy: undefined, details: [] };
  return { ...nothing, ...parts, code: parts.code as FindingCode | undefined };
}
