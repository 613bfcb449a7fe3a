import { trustFindings } from '../../../bind/trust/trust-findings.ts';
import { NAMESPACE_RULE_ANNOTATION } from '../../../lib/contract/kube2iam.ts';
import { PODROLE_ANNOTATION } from '../../../lib/contract/podrole.ts';
import { compareText } from '../../../lib/text/compare.ts';
import { judgeRole } from '../../../policy/judge-role.ts';
import type { NamespaceFacts } from '../../../policy/namespace-facts.ts';
import { areRolesJudged } from '../../facts/rule-facts.ts';
import { contextName } from '../context-name.ts';
import type { AuditFacts, AuditJudgement, ClusterAuditFacts } from '../facts/audit-facts.ts';
import type { AuditedGrant, AuditFinding } from '../model.ts';
import { auditFinding, joinNames } from './make-finding.ts';

/** Returns what is wrong with the rules that say which namespaces may use which roles, and who breaks one. */
export function policyFindings(facts: AuditFacts, grants: readonly AuditedGrant[]): readonly AuditFinding[] {
  return [
    ...grants.flatMap(againstPolicy),
    ...facts.clusters.flatMap((cluster) => [
      ...(areRulesInUse(cluster, facts.settings)
        ? [...openRules(cluster, facts.settings), ...withoutPolicy(cluster, facts)]
        : []),
      ...(areRolesJudged(facts.settings.roleRules) ? [] : unusedRules(cluster)),
    ]),
  ];
}

/** True if the rules of namespaces count: for podrole, or for the proxy from which they come. */
export function areRulesInUse({ agents }: ClusterAuditFacts, { roleRules }: AuditJudgement): boolean {
  return areRolesJudged(roleRules) || agents.some(({ kind }) => kind === 'kube2iam' || kind === 'kiam');
}

function againstPolicy(grant: AuditedGrant): readonly AuditFinding[] {
  const { policy, verdict, cluster, namespace, serviceAccount, roleArn, policyReason, kind } = grant;
  if (policy !== 'refused' || verdict === 'refused') return [];
  const has = kind === 'kube2iam' ? 'has by kube2iam or kiam' : 'has';
  return [
    auditFinding('ROLE_AGAINST_POLICY', {
      cluster,
      namespace,
      object: `ServiceAccount ${namespace}/${serviceAccount}`,
      text: `${has} the role ${roleArn}, which the policy refuses: ${policyReason}`,
      remedy: {
        text: 'allow the role to the namespace, or take it from the ServiceAccount; podrole webhook --policy=enforce refuses such pods',
        commands: [],
      },
    }),
  ];
}

/** A name that nobody gives a role: a rule that allows it allows everything. */
const ANY_NAME = 'podrole-audit-0a1b2c3d4e5f';

function openRules(
  { context, namespaceRules = new Map<string, NamespaceFacts>() }: ClusterAuditFacts,
  { roleRules }: AuditJudgement,
): readonly AuditFinding[] {
  const keys = [...Object.values(NAMESPACE_RULE_ANNOTATION), PODROLE_ANNOTATION.allowedRoles];
  return [...namespaceRules.values()].flatMap((namespace) =>
    keys
      .filter((key) => namespace.annotations[key] !== undefined && allowsAll(namespace, key, roleRules))
      .map((key) =>
        auditFinding('NAMESPACE_RULE_ALLOWS_ALL', {
          cluster: context,
          namespace: namespace.name,
          object: `Namespace ${namespace.name}`,
          text: `has the annotation ${key}, which allows every role`,
          remedy: { text: 'name the roles that its pods need', commands: [] },
        }),
      ),
  );
}

function allowsAll(
  { name, annotations }: NamespaceFacts,
  key: string,
  roleRules: AuditJudgement['roleRules'],
): boolean {
  const baseRoleArn = roleRules?.baseRoleArn ?? 'arn:aws:iam::000000000000:role/';
  const rules = {
    namespace: { name, annotations: { [key]: annotations[key] ?? '' } },
    policy: undefined,
    allowedRolesFormat: roleRules?.allowedRolesFormat ?? 'glob',
    baseRoleArn,
  } as const;
  const roleArn = `${baseRoleArn}${ANY_NAME}`;
  return (
    judgeRole(
      { namespace: name, serviceAccount: ANY_NAME, given: ANY_NAME, roleArn, namedBy: 'pod' },
      rules,
    ) === undefined
  );
}

/** The webhook looks at no Namespace, so that an annotation there limits nobody. */
function unusedRules({ context, namespaceRules }: ClusterAuditFacts): readonly AuditFinding[] {
  const names = ruledNamespaces(namespaceRules);
  if (names.length === 0) return [];
  return [
    auditFinding('NAMESPACE_RULE_NOT_JUDGED', {
      cluster: context,
      object: `cluster ${contextName(context)}`,
      text: `has the annotation ${PODROLE_ANNOTATION.allowedRoles} on ${names.length === 1 ? 'the Namespace' : `${names.length} Namespaces`}, and by the options of this audit the webhook does not look at it: ${joinNames(names)}`,
      remedy: {
        text: 'run podrole webhook with --policy=enforce, or one of the other options in docs/policy.md; if it has one, give podrole audit the same',
        commands: [],
      },
    }),
  ];
}

/** Returns the names of the Namespaces with `podrole.dev/allowed-roles`. */
function ruledNamespaces(rules: ClusterAuditFacts['namespaceRules']): readonly string[] {
  return [...(rules?.values() ?? [])]
    .filter(({ annotations }) => annotations[PODROLE_ANNOTATION.allowedRoles] !== undefined)
    .map(({ name }) => name)
    .toSorted(compareText);
}

/** Roles that more than single ServiceAccounts may assume are free to be named by anyone who may annotate. */
function withoutPolicy(
  { context, issuer, namespaceRules }: ClusterAuditFacts,
  { iam, settings }: AuditFacts,
): readonly AuditFinding[] {
  const isRuled = areRolesJudged(settings.roleRules) && ruledNamespaces(namespaceRules).length > 0;
  if (issuer === undefined || settings.roleRules?.policy || isRuled) return [];
  const open = (iam.roles ?? []).filter(({ trustPolicy }) =>
    trustFindings(trustPolicy, issuer).some(({ code }) => /^(?:NO|WILDCARD)_SUBJECT$/.test(code)),
  );
  if (open.length === 0) return [];
  const names = open.map(({ arn }) => arn);
  return [
    auditFinding('WILDCARD_TRUST_WITHOUT_POLICY', {
      cluster: context,
      object: `cluster ${contextName(context)}`,
      text: `has no policy for roles, and ${names.length === 1 ? 'a role lets' : `${names.length} roles let`} in more than single ServiceAccounts: ${joinNames(names)}`,
      remedy: {
        text: 'let each role trust single ServiceAccounts; until then, say which namespaces may use which roles: docs/policy.md',
        commands: [],
      },
    }),
  ];
}
