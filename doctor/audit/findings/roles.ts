import { namedSubjects, trustedIssuers } from '../../../bind/list/judge-trust.ts';
import { providerArnOf } from '../../../bind/names.ts';
import { SUBJECT_PREFIX, subjectOf } from '../../../bind/trust/describe-subject.ts';
import { federatedOf, statementsOf } from '../../../bind/trust/trust-policy-parts.ts';
import { asObject } from '../../../lib/json/json.ts';
import { shellWord } from '../../../lib/text/shell-word.ts';
import type { AuditFacts, AuditRole, ClusterAuditFacts } from '../facts/audit-facts.ts';
import type { AuditedGrant, AuditFinding } from '../model.ts';
import { auditFinding, joinNames } from './make-finding.ts';

/** Returns what is wrong with roles besides those whom they let in: unused, shared, for nobody. */
export function roleFindings(facts: AuditFacts, grants: readonly AuditedGrant[]): readonly AuditFinding[] {
  const roles = (facts.iam.roles ?? []).map((role) => ({ role, issuers: trustedIssuers(role.trustPolicy) }));
  const providers = facts.iam.providers && new Set(facts.iam.providers.map(({ arn }) => arn));
  const byIssuer = subjectsByIssuer(facts.clusters);
  return [
    ...roles.flatMap(({ role, issuers }) => [
      ...missingProviders(role, providers, facts),
      ...issuers.flatMap((issuer) => withoutServiceAccount(role, issuer, byIssuer.get(issuer), facts)),
      ...(facts.clusters.some(({ issuer = '' }) => issuers.includes(issuer)) ? unused(role, facts) : []),
    ]),
    ...sharedRoles(grants),
  ];
}

/** ServiceAccounts of all clusters that have an issuer. Several may share one. */
interface IssuerSubjects {
  readonly clusters: readonly ClusterAuditFacts[];
  readonly subjects: ReadonlySet<string>;
}

function subjectsByIssuer(all: readonly ClusterAuditFacts[]): ReadonlyMap<string, IssuerSubjects> {
  const byIssuer = Map.groupBy(all, ({ issuer = '' }) => issuer);
  return new Map(
    [...byIssuer].map(([issuer, clusters]) => {
      const accounts = clusters.flatMap(({ serviceAccounts }) => serviceAccounts);
      const subjects = new Set(accounts.map(({ namespace, name }) => subjectOf(namespace, name)));
      return [issuer, { clusters, subjects }];
    }),
  );
}

function missingProviders(
  { arn, trustPolicy }: AuditRole,
  known: ReadonlySet<string> | undefined,
  { iam: { account }, clusters }: AuditFacts,
): readonly AuditFinding[] {
  if (!account || !known) return [];
  const own = providerArnOf('https://', account);
  const named = new Set(statementsOf(asObject(trustPolicy)).flatMap(federatedOf));
  return [...named]
    .filter((provider) => provider.startsWith(own) && !known.has(provider))
    .map((provider) => {
      const issuer = `https://${provider.slice(own.length)}`;
      const ours = clusters.find((cluster) => cluster.issuer === issuer);
      return auditFinding('MISSING_PROVIDER', {
        cluster: ours?.context,
        object: `role ${arn}`,
        text: `trusts the OIDC provider of ${issuer}, which the account does not have`,
        remedy: ours
          ? {
              text: 'create the provider',
              commands: [`podrole provider ensure --approve`],
            }
          : { text: 'remove the statement, or delete the role if nothing else uses it', commands: [] },
      });
    });
}

/** Most commands of one remedy. */
const MAX_COMMANDS = 5;

function withoutServiceAccount(
  { arn, trustPolicy }: AuditRole,
  issuer: string,
  found: IssuerSubjects | undefined,
  { settings }: AuditFacts,
): readonly AuditFinding[] {
  const [{ context } = {}, ...others] = found?.clusters ?? [];
  const hasAll = found?.clusters.every(({ hasAllServiceAccounts }) => hasAllServiceAccounts);
  if (!found || context === undefined || !hasAll) return [];
  const { subjects } = found;
  const missing = [...new Set(namedSubjects(trustPolicy, issuer))]
    .filter((subject) => subject.startsWith(SUBJECT_PREFIX) && !subjects.has(subject))
    .map((subject) => subject.slice(SUBJECT_PREFIX.length).split(':'))
    .flatMap(([namespace = '', name = '', ...more]) =>
      more.length > 0 || name === '' ? [] : [{ namespace, name }],
    )
    .filter(({ namespace }) => settings.namespace === undefined || settings.namespace === namespace);
  const [first] = missing;
  if (!first) return [];
  const isOneNamespace = missing.every(({ namespace }) => namespace === first.namespace);
  return [
    auditFinding('ROLE_WITHOUT_SERVICE_ACCOUNT', {
      cluster: others.length === 0 ? context : undefined,
      namespace: isOneNamespace ? first.namespace : undefined,
      object: `role ${arn}`,
      text: `trusts ServiceAccounts that ${others.length === 0 ? 'the cluster does not have' : 'no cluster of its issuer has'}: ${joinNames(missing.map(({ namespace, name }) => `${namespace}/${name}`))}`,
      remedy: {
        text: 'remove the subject from the trust policy; this deletes a role that podrole created for it',
        commands: missing
          .slice(0, MAX_COMMANDS)
          .map(
            ({ namespace, name }) =>
              `podrole unbind -n ${shellWord(namespace)} ${shellWord(name)} --role-name ${shellWord(nameOf(arn))} --approve`,
          ),
      },
    }),
  ];
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

const DAY_MS = 24 * 3_600_000;

function unused(
  { arn, lastUsedAt, createdAt }: AuditRole,
  { settings, collectedAt }: AuditFacts,
): readonly AuditFinding[] {
  const since = lastUsedAt === 'never' ? createdAt : lastUsedAt;
  if (!(since instanceof Date) || collectedAt.getTime() - since.getTime() < settings.unusedAfterMs) return [];
  const days = Math.floor((collectedAt.getTime() - since.getTime()) / DAY_MS);
  const text =
    lastUsedAt === 'never'
      ? `was never used in the time that IAM remembers; it is ${days} days old`
      : `was last used ${days} days ago`;
  const remedy = { text: 'find out whether something still needs it, then delete it', commands: [] };
  return [auditFinding('UNUSED_ROLE', { object: `role ${arn}`, text, remedy })];
}

function sharedRoles(grants: readonly AuditedGrant[]): readonly AuditFinding[] {
  const asked = grants.filter(
    ({ kind, verdict }) =>
      ['web-identity', 'container-role', 'pod-annotation', 'kube2iam'].includes(kind) &&
      verdict !== 'refused',
  );
  return [...Map.groupBy(asked, ({ roleArn }) => roleArn)].flatMap(([arn, holders]) => {
    const namespaces = new Set(holders.map(({ cluster, namespace }) => `${cluster}\n${namespace}`));
    if (namespaces.size < 2) return [];
    const clusters = new Set(holders.map(({ cluster }) => cluster));
    const isOne = clusters.size === 1;
    const names = holders.map(({ cluster, namespace, serviceAccount }) =>
      isOne ? `${namespace}/${serviceAccount}` : `${cluster}: ${namespace}/${serviceAccount}`,
    );
    return [
      auditFinding('SHARED_ROLE', {
        cluster: isOne ? holders[0]?.cluster : undefined,
        object: `role ${arn}`,
        text: `is shared by ServiceAccounts of ${namespaces.size} namespaces: ${joinNames([...new Set(names)])}`,
        remedy: { text: 'give each of them a role of its own by podrole bind', commands: [] },
      }),
    ];
  });
}
