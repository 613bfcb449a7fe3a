import { trustedIssuers } from '../../../bind/list/judge-trust.ts';
import { type TrustFinding, trustFindings } from '../../../bind/trust/trust-findings.ts';
import type { AuditFacts, AuditRole, ClusterAuditFacts } from '../facts/audit-facts.ts';
import { indexTrustingRoles } from '../joins/trusting-roles.ts';
import type { AuditedGrant, AuditFinding } from '../model.ts';
import { bindCommand } from './commands.ts';
import { auditFinding } from './make-finding.ts';

/** Returns what the trust policies of roles let in besides single ServiceAccounts of the audited clusters. */
export function trustPolicyFindings(
  { clusters, iam }: AuditFacts,
  grants: readonly AuditedGrant[],
): readonly AuditFinding[] {
  const roles = iam.roles ?? [];
  const byIssuer = rolesByIssuer(roles);
  const named = Map.groupBy(grants.filter(isNamed), ({ cluster, roleArn }) => `${cluster}\n${roleArn}`);
  const { ofEveryProvider, ofUnclearProvider } = indexTrustingRoles(roles);
  return [
    ...ofEveryProvider.map(({ role }) => openPrincipal(role)),
    ...ofUnclearProvider.map(({ role }) => unclearPrincipal(role)),
    ...clusters.flatMap((cluster) =>
      (byIssuer.get(cluster.issuer ?? '') ?? []).flatMap((role) =>
        findingsOfRole(role, cluster, named.get(`${cluster.context}\n${role.arn}`) ?? []),
      ),
    ),
  ];
}

function rolesByIssuer(roles: readonly AuditRole[]): ReadonlyMap<string, readonly AuditRole[]> {
  const byIssuer = new Map<string, AuditRole[]>();
  for (const role of roles) {
    for (const issuer of trustedIssuers(role.trustPolicy)) {
      const known = byIssuer.get(issuer);
      if (known) known.push(role);
      else byIssuer.set(issuer, [role]);
    }
  }
  return byIssuer;
}

/** Grants that somebody asked for, and that should stay when a wildcard goes. */
function isNamed({ kind, verdict }: AuditedGrant): boolean {
  return kind === 'web-identity' && (verdict === 'allowed' || verdict === 'restricted');
}

function findingsOfRole(
  role: AuditRole,
  { issuer = '', context }: ClusterAuditFacts,
  named: readonly AuditedGrant[],
): readonly AuditFinding[] {
  const seen = new Set<string>();
  return trustFindings(role.trustPolicy, issuer).flatMap((finding) => {
    const code = codeOf(finding);
    const text = `${finding.statement} ${finding.text}`;
    if (seen.has(text)) return [];
    seen.add(text);
    return [
      auditFinding(code, {
        cluster: context,
        object: `role ${role.arn}`,
        text,
        remedy: remedyFor(code, named),
      }),
    ];
  });
}

/** A pattern that every subject matches is as good as no condition. */
function codeOf({ code, text }: TrustFinding): TrustFinding['code'] {
  const isEveryone = code === 'WILDCARD_SUBJECT' && text.endsWith('every ServiceAccount of the cluster');
  return isEveryone ? 'NO_SUBJECT' : code;
}

/** Most commands of one remedy. */
const MAX_COMMANDS = 10;

const LETS_IN_TOO_MANY: readonly TrustFinding['code'][] = [
  'NO_SUBJECT',
  'WILDCARD_SUBJECT',
  'NO_AUDIENCE',
  'WILDCARD_AUDIENCE',
];

const TEXTS: Readonly<Record<TrustFinding['code'], string>> = {
  NO_SUBJECT: 'name the ServiceAccounts one by one, then remove the statement',
  WILDCARD_SUBJECT: 'name the ServiceAccounts one by one, then remove the pattern',
  NO_AUDIENCE: 'name the audience in the statement, or replace the statement by those of podrole bind',
  WILDCARD_AUDIENCE: 'name the audience exactly',
  LITERAL_WILDCARD: 'name the ServiceAccounts one by one, or use StringLike if the pattern is meant',
  IMPOSSIBLE_SUBJECT: 'write system:serviceaccount:NAMESPACE:NAME',
  MISSPELT_KEY: 'correct the key of the condition',
  UNREADABLE_STATEMENT: 'read the statement by hand',
};

function remedyFor(code: TrustFinding['code'], named: readonly AuditedGrant[]): AuditFinding['remedy'] {
  const commands = LETS_IN_TOO_MANY.includes(code)
    ? named.slice(0, MAX_COMMANDS).map((grant) => bindCommand(grant, { arn: grant.roleArn }))
    : [];
  return { text: TEXTS[code], commands };
}

function openPrincipal({ arn }: AuditRole): AuditFinding {
  return auditFinding('OPEN_PRINCIPAL', {
    object: `role ${arn}`,
    text: 'has a statement without a provider: tokens of every OIDC provider of the account get in',
    remedy: { text: 'name the OIDC provider as the federated principal of the statement', commands: [] },
  });
}

function unclearPrincipal({ arn }: AuditRole): AuditFinding {
  return auditFinding('UNREADABLE_STATEMENT', {
    object: `role ${arn}`,
    text: 'has a statement for everybody, or for all but some, that podrole cannot read: tokens of every OIDC provider of the account may get in',
    remedy: { text: TEXTS.UNREADABLE_STATEMENT, commands: [] },
  });
}
