import { doubtsOf, reasonsOf } from '../../../bind/list/judge-trust.ts';
import { providerArnOf } from '../../../bind/names.ts';
import { subjectOf } from '../../../bind/trust/describe-subject.ts';
import { judgeEntry } from '../../../bind/trust/judge-entry.ts';
import { hasTrustPolicy, parseRoleArn } from '../../../lib/arn.ts';
import type { TrustDecision } from '../../../sts/trust-policy.ts';
import type { AuditProvider, AuditRole, IamAuditFacts } from '../facts/audit-facts.ts';
import type { JoinedGrant } from '../model.ts';

/** Verdict of STS on a token, with what decided. */
export type Judged = Pick<JoinedGrant, 'verdict' | 'reasons'>;

/** IAM, indexed for many look-ups. */
export interface IamIndex {
  readonly account: IamAuditFacts['account'];
  /** Undefined if the roles could not be listed. */
  readonly roles: ReadonlyMap<string, AuditRole> | undefined;
  /** Undefined if the providers could not be listed. */
  readonly providers: ReadonlyMap<string, AuditProvider> | undefined;
}

export function indexIam({ account, roles, providers }: IamAuditFacts): IamIndex {
  return {
    account,
    roles: roles && new Map(roles.map((role) => [role.arn, role])),
    providers: providers && new Map(providers.map((provider) => [provider.arn, provider])),
  };
}

/** A token that is sent to STS for a role. */
export interface AskedRole {
  readonly issuer: string | undefined;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly roleArn: string;
  readonly audience: string;
}

/** Decides whether STS gives a named role to a ServiceAccount. */
export function judgeNamedRole(asked: AskedRole, iam: IamIndex, now: Date): Judged {
  const arn = parseRoleArn(asked.roleArn);
  if (!arn) return refused('it is not the ARN of a role');
  if (!hasTrustPolicy(arn)) return unknown('the role is in MinIO, which has no IAM');
  if (!iam.roles) return unknown('the roles of IAM were not read');
  const role = iam.roles.get(asked.roleArn);
  if (!role) {
    const isElsewhere = iam.account !== undefined && iam.account.accountId !== arn.account;
    if (isElsewhere || !iam.account) return unknown(`the role is in account ${arn.account || 'of Ceph'}`);
    return refused('IAM has no such role');
  }
  if (asked.issuer === undefined) return unknown('the issuer of the cluster was not read');
  const { issuer } = asked;
  const providerArn = providerArnOf(issuer, { accountId: arn.account, partition: arn.partition });
  const provider = iam.providers?.get(providerArn);
  if (iam.providers && !provider) return refused(`IAM has no OIDC provider for ${issuer}`);
  if (provider?.clientIds && !provider.clientIds.includes(asked.audience))
    return refused(`the OIDC provider for ${issuer} has no client ID ${asked.audience}`);
  return judgeToken(role, { ...asked, issuer, providerArn }, now);
}

/** Token of a ServiceAccount, and the provider that vouches for it. */
export interface AuditedToken {
  readonly issuer: string;
  readonly providerArn: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly audience: string;
}

/** Evaluates the trust policy of a role for a token. */
export function judgeToken(
  { trustPolicy }: Pick<AuditRole, 'trustPolicy'>,
  { issuer, providerArn, namespace, serviceAccount, audience }: AuditedToken,
  now: Date,
): Judged {
  const subject = subjectOf(namespace, serviceAccount);
  const decision = judgeEntry(trustPolicy, { issuer, providerArn, subject, isPattern: false, audience }, now);
  if (decision.outcome === 'yes') return { verdict: 'allowed', reasons: matching(decision) };
  return decision.outcome === 'restricted'
    ? { verdict: 'restricted', reasons: doubtsOf(decision) }
    : { verdict: 'refused', reasons: reasonsOf(decision) };
}

function matching({ statements }: TrustDecision): readonly string[] {
  return statements
    .filter(({ effect, outcome }) => effect === 'Allow' && outcome === 'yes')
    .map(({ name }) => `${name} lets it in`);
}

function refused(reason: string): Judged {
  return { verdict: 'refused', reasons: [reason] };
}

function unknown(reason: string): Judged {
  return { verdict: 'unknown', reasons: [reason] };
}
