import { providerArnOf } from '../../../bind/names.ts';
import type {
  AuditJudgement,
  AuditProvider,
  AuditServiceAccount,
  ClusterAuditFacts,
} from '../facts/audit-facts.ts';
import type { JoinedGrant } from '../model.ts';
import { type IamIndex, type Judged, judgeToken } from './judge-grant.ts';
import { indexSubjects, type SubjectIndex } from './subject-index.ts';
import { candidateSubjects, type TrustingRole, type TrustingRoles } from './trusting-roles.ts';

/**
 * Most grants of one cluster that no annotation names. A role without a condition on `sub` has one per
 * ServiceAccount.
 */
const MAX_TRUSTED_GRANTS = 100_000;

export interface TrustedGrants {
  readonly grants: readonly JoinedGrant[];
  /** ARNs of roles whose grants are left out, since there are too many. */
  readonly leftOut: readonly string[];
}

/**
 * Finds the ServiceAccounts that roles let in and that do not name them: who makes a token of such a
 * ServiceAccount has the role.
 * @param isNamed true for a grant that an annotation or a pod names, unless STS refuses the token of that
 *   one: another audience may get in
 */
export function trustedGrants(
  cluster: ClusterAuditFacts,
  iam: IamIndex,
  roles: TrustingRoles,
  { settings, now, isNamed }: TrustedGrantsInput,
): TrustedGrants {
  const { issuer, context } = cluster;
  const grants: JoinedGrant[] = [];
  const leftOut: string[] = [];
  if (issuer === undefined || !iam.account) return { grants, leftOut };
  const providerArn = providerArnOf(issuer, iam.account);
  const provider = iam.providers?.get(providerArn);
  if (iam.providers && !provider) return { grants, leftOut };
  const subjects = indexSubjects(cluster.serviceAccounts);
  const trusting = new Set([
    ...(roles.byProvider.get(providerArn) ?? []),
    ...roles.ofEveryProvider,
    ...roles.ofUnclearProvider,
  ]);
  for (const each of trusting) {
    const audiences = audiencesFor(provider, each, settings.tokenAudience);
    // A policy that does not ask for `sub` decides once for all.
    const asksForSubject = /\bsub\b/i.test(JSON.stringify(each.role.trustPolicy) ?? '');
    let forAll: Judged | undefined;
    for (const { namespace, name } of candidates(each, issuer, providerArn, subjects)) {
      const token = { issuer, providerArn, namespace, serviceAccount: name };
      const judged =
        forAll ??
        judgeAnyAudience(audiences, (audience) => judgeToken(each.role, { ...token, audience }, now));
      if (!asksForSubject) forAll = judged;
      if (forAll?.verdict === 'refused') break;
      const grant = { cluster: context, namespace, serviceAccount: name, roleArn: each.role.arn };
      if (judged.verdict === 'refused' || isNamed(grant)) continue;
      if (grants.length >= MAX_TRUSTED_GRANTS) {
        leftOut.push(each.role.arn);
        break;
      }
      grants.push({ kind: 'trusted-only', container: undefined, pods: [], ...grant, ...judged });
    }
  }
  return { grants, leftOut };
}

export interface TrustedGrantsInput {
  readonly settings: AuditJudgement;
  readonly now: Date;
  readonly isNamed: (
    grant: Pick<JoinedGrant, 'cluster' | 'namespace' | 'serviceAccount' | 'roleArn'>,
  ) => boolean;
}

function candidates(
  trusting: TrustingRole,
  issuer: string,
  providerArn: string,
  subjects: SubjectIndex<AuditServiceAccount>,
): Iterable<AuditServiceAccount> {
  const { everyone, exact, patterns } = candidateSubjects(trusting, issuer, providerArn);
  if (everyone) return subjects.bySubject.values();
  const found = new Set<AuditServiceAccount>();
  for (const subject of exact) {
    const account = subjects.bySubject.get(subject);
    if (account) found.add(account);
  }
  for (const pattern of patterns) for (const account of subjects.matching(pattern)) found.add(account);
  return found;
}

/**
 * Returns the audiences that a token may have: STS wants one of the provider's client IDs. Whoever writes a
 * pod chooses the audience of its token.
 */
function audiencesFor(
  provider: AuditProvider | undefined,
  { statements }: TrustingRole,
  usual: string,
): readonly string[] {
  const named = statements.flatMap(({ conditions }) =>
    conditions.filter(({ key }) => /:aud$/i.test(key)).flatMap(({ expected }) => expected),
  );
  const possible = provider?.clientIds ?? [usual, ...named];
  // The likely ones first: the first that gets in decides.
  const likely = new Set([usual, ...named]);
  return [...new Set([...possible.filter((id) => likely.has(id)), ...possible])];
}

function judgeAnyAudience(audiences: readonly string[], judge: (audience: string) => Judged): Judged {
  let best: Judged = { verdict: 'refused', reasons: [] };
  for (const audience of audiences) {
    const judged = judge(audience);
    if (judged.verdict === 'allowed') return judged;
    if (judged.verdict === 'restricted') best = judged;
  }
  return best;
}
