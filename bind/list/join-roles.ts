import type { RoleSettings } from '../../identity/roles.ts';
import { IAM_MANAGED_BY, IAM_TAG } from '../../lib/contract/podrole.ts';
import type { RoleSummary } from '../iam/iam-facts.ts';
import { issuerTag, serviceAccountTag } from '../names.ts';
import { SUBJECT_PREFIX, subjectOf } from '../trust/describe-subject.ts';
import type { BindingRow } from './binding-row.ts';
import { type ListContext, type ListedServiceAccount, namedRoleArns } from './join-bindings.ts';
import { namedSubjects, securityOf, trustedIssuers } from './judge-trust.ts';

export interface TaggedRole extends RoleSummary {
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Returns the roles that trust some issuer and that no ServiceAccount and no pod names: only their tags have
 * to be read.
 */
export function unnamedRoles(
  roles: readonly RoleSummary[],
  serviceAccounts: readonly ListedServiceAccount[],
  context: RoleSettings,
  namedByPods: readonly string[] = [],
): readonly RoleSummary[] {
  // In any annotation: another tool may have one that names a role.
  const annotations = serviceAccounts.flatMap((account) => Object.values(account.annotations));
  const named = new Set([
    ...annotations.flatMap(arnsOf),
    ...serviceAccounts.flatMap((account) => namedRoleArns(account, context)),
    ...namedByPods,
  ]);
  return roles.filter(({ arn, trustPolicy }) => !named.has(arn) && trustedIssuers(trustPolicy).length > 0);
}

/** Returns the strings that may be ARNs: from `arn:` to the next comma or white space. */
function arnsOf(text: string): readonly string[] {
  const words = text.split(/[\s,]/).filter((word) => word.includes('arn:'));
  return words.map((word) => word.slice(word.indexOf('arn:')));
}

/**
 * Returns the rows of roles that no ServiceAccount names.
 * @param serviceAccounts all those of the cluster
 */
export function joinRoles(
  roles: readonly TaggedRole[],
  serviceAccounts: readonly ListedServiceAccount[],
  context: ListContext,
): readonly BindingRow[] {
  const byTag = new Map(
    serviceAccounts.map((account) => [
      serviceAccountTag({ namespace: account.namespace, serviceAccount: account.name }),
      account,
    ]),
  );
  const subjects = new Set(serviceAccounts.map(({ namespace, name }) => subjectOf(namespace, name)));
  return roles.flatMap((role) => rowsOf(role, byTag, subjects, context));
}

function rowsOf(
  { arn: roleArn, tags, trustPolicy }: TaggedRole,
  byTag: ReadonlyMap<string, ListedServiceAccount>,
  subjects: ReadonlySet<string>,
  { issuer }: ListContext,
): readonly BindingRow[] {
  const nobody = { namespace: undefined, serviceAccount: undefined, roleArn };
  const issuers = trustedIssuers(trustPolicy);
  const isOurs = tags[IAM_TAG.managedBy] === IAM_MANAGED_BY && tags[IAM_TAG.issuer] === issuerTag(issuer);
  const tag = (isOurs ? tags[IAM_TAG.serviceAccount] : undefined) ?? '';
  const [namespace, serviceAccount, container] = tag.split('/');
  const ofContainer = container === undefined ? {} : { container };
  const tagged =
    serviceAccount === undefined ? nobody : { namespace, serviceAccount, ...ofContainer, roleArn };
  const { tooMany, details } = securityOf(trustPolicy, issuer);
  if (tooMany) return [{ ...tagged, state: 'wildcard', details }];
  if (serviceAccount !== undefined) {
    return byTag.has(`${namespace}/${serviceAccount}`)
      ? [{ ...tagged, state: 'drifted', details: ['the ServiceAccount is not annotated with this role'] }]
      : [{ ...tagged, state: 'orphaned', details: ['the ServiceAccount does not exist'] }];
  }
  if (!issuers.includes(issuer)) {
    return [{ ...nobody, state: 'foreign issuer', details: [`trusts ${issuers.join(', ')}`] }];
  }
  return namedSubjects(trustPolicy, issuer)
    .filter((subject) => subject.startsWith(SUBJECT_PREFIX) && !subjects.has(subject))
    .map((subject) => {
      const [ofNamespace, name] = subject.slice(SUBJECT_PREFIX.length).split(':');
      return {
        state: 'orphaned',
        namespace: ofNamespace,
        serviceAccount: name,
        roleArn,
        details: ['the ServiceAccount does not exist; podrole did not create the role'],
      };
    });
}
