import { hasTrustPolicy, parseRoleArn, type RoleArn } from '../../lib/arn.ts';
import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import type { RoleSummary } from '../iam/iam-facts.ts';
import { providerArnOf } from '../names.ts';
import { subjectOf } from '../trust/describe-subject.ts';
import type { BindingRow } from './binding-row.ts';
import { judgeTrust } from './judge-trust.ts';

export interface ListedServiceAccount {
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Values that all rows have in common. */
export interface ListContext {
  /** Issuer of the cluster, with `https://`. */
  readonly issuer: string;
  /** Audience of tokens whose ServiceAccount names none. */
  readonly audience: string;
  readonly annotationPrefix: string;
}

/** Returns the rows of ServiceAccounts, each compared with the role of its annotation. */
export function joinServiceAccounts(
  serviceAccounts: readonly ListedServiceAccount[],
  roles: readonly RoleSummary[],
  context: ListContext,
): readonly BindingRow[] {
  const byArn = new Map(roles.map((role) => [role.arn, role]));
  const known = parseRoleArn(roles[0]?.arn ?? '');
  return serviceAccounts.map(({ namespace, name, annotations }) => {
    const annotation = (name: 'roleArn' | 'audience') =>
      annotations[annotationKey(context.annotationPrefix, name)];
    const roleArn = annotation('roleArn');
    const row = { namespace, serviceAccount: name, roleArn };
    if (roleArn === undefined) return { ...row, state: 'unbound', details: [] };
    const arn = parseRoleArn(roleArn);
    if (!arn) return { ...row, state: 'no role', details: ['the annotation is not the ARN of a role'] };
    const role = byArn.get(roleArn);
    if (!role) {
      const details = elsewhere(arn, known);
      return details === undefined
        ? { ...row, state: 'no role', details: ['IAM has no such role'] }
        : { ...row, state: 'other account', details: [details] };
    }
    const subject = subjectOf(namespace, name);
    const verdict = judgeTrust(role.trustPolicy, {
      issuer: context.issuer,
      providerArn: providerArnOf(context.issuer, { accountId: arn.account, partition: arn.partition }),
      subject,
      isPattern: false,
      audience: annotation('audience') ?? context.audience,
    });
    return { ...row, ...verdict };
  });
}

/**
 * Returns where a role is, if these credentials cannot see it.
 * @param known any role that they see
 */
function elsewhere(role: RoleArn, known: RoleArn | undefined): string | undefined {
  if (!hasTrustPolicy(role)) return 'the role is in MinIO, which has no IAM';
  if (known === undefined || role.account === known.account) return undefined;
  const account = known.account === '' ? "Ceph's default tenant" : `account ${known.account}`;
  return `these credentials are for ${account}`;
}
