import { NAMESPACE_RULE_ANNOTATION } from '../../lib/contract/kube2iam.ts';
import { asArray, asText } from '../../lib/json/json.ts';
import { compareText } from '../../lib/text/compare.ts';
import type { NamespaceFacts } from '../../policy/namespace-facts.ts';
import { RULE_MAX_LENGTH } from '../../policy/rule-limits.ts';
import type { MigrationFacts } from '../facts/migration-facts.ts';
import type { MigratedNamespace, WebhookFlags } from '../model.ts';
import { judgeNamed, type NamedRole } from './named-roles.ts';

export interface JoinedNamespaces {
  /** Sorted by name. */
  readonly namespaces: readonly MigratedNamespace[];
  /** Workloads whose role is refused, and would be with the proposed rules too. */
  readonly refused: readonly NamedRole[];
}

/** Joins the workloads that name a role with the rules of their namespaces, and with those that they need. */
export function joinNamespaces(
  named: readonly NamedRole[],
  facts: MigrationFacts,
  flags: WebhookFlags,
): JoinedNamespaces {
  const byNamespace = Map.groupBy(named, ({ workload }) => workload.namespace);
  const joined = [...byNamespace.entries()]
    .sort(([one], [other]) => compareText(one, other))
    .map(([name, users]) => {
      const namespace = facts.namespaces?.get(name) ?? { name, annotations: {} };
      const refused = users.filter(({ refusal }) => refusal);
      const proposal = isUnrestricted(facts) ? proposalFor(refused, namespace, facts, flags) : undefined;
      return {
        namespace: {
          name,
          allowedRoles: namespace.annotations[NAMESPACE_RULE_ANNOTATION.allowedRoles],
          permitted: namespace.annotations[NAMESPACE_RULE_ANNOTATION.permitted],
          proposedAllowedRoles: proposal?.entries,
        },
        refused: proposal?.refused ?? refused,
      };
    });
  return {
    namespaces: joined.map(({ namespace }) => namespace),
    refused: joined.flatMap(({ refused }) => refused),
  };
}

/** True if the proxy asks for no rule, or if nobody knows: then pods may have roles that no rule allows. */
export function isUnrestricted({ from, proxies = [] }: Pick<MigrationFacts, 'from' | 'proxies'>): boolean {
  return from === 'kube2iam' && !proxies.some(({ isRestricted }) => isRestricted);
}

interface Proposal {
  readonly entries: readonly string[];
  /** Still refused with these entries: by another rule, or because there are too many. */
  readonly refused: readonly NamedRole[];
}

/** Returns the entries that allow what pods use; undefined if no entry helps anybody. */
function proposalFor(
  refused: readonly NamedRole[],
  namespace: NamespaceFacts,
  facts: MigrationFacts,
  flags: WebhookFlags,
): Proposal | undefined {
  const key = NAMESPACE_RULE_ANNOTATION.allowedRoles;
  // A longer one was cut, so no undo could put it back.
  if ((namespace.annotations[key]?.length ?? 0) > RULE_MAX_LENGTH) return undefined;
  const isAllowedBy = (each: NamedRole, entries: readonly string[]) => {
    const annotations = { ...namespace.annotations, [key]: JSON.stringify(entries) };
    return !judgeNamed(each, { ...namespace, annotations }, facts, flags);
  };
  const entryFor = ({ roleArn = '' }: NamedRole) =>
    flags.namespaceRestrictionFormat === 'regexp' ? expressionFor(roleArn) : roleArn;
  // By its own entry alone: each role against all entries would be quadratic work.
  const helped = new Set(refused.filter((each) => isAllowedBy(each, [entryFor(each)])));
  const [first] = helped;
  if (!first) return undefined;
  const added = new Set([...helped].map(entryFor).sort());
  const entries = [...entriesOf(namespace.annotations[key]), ...added];
  // A list that is too long allows nothing.
  if (!isAllowedBy(first, entries)) return undefined;
  return { entries, refused: refused.filter((each) => !helped.has(each)) };
}

/** kube2iam completes an expression that does not begin as an ARN, so it cannot begin with an anchor. */
function expressionFor(roleArn: string): string {
  return `${roleArn.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`;
}

/** Entries of an annotation that cannot be read allow nothing. */
function entriesOf(annotation: string | undefined): readonly string[] {
  try {
    return (asArray(JSON.parse(annotation ?? '[]')) ?? []).flatMap((entry) => asText(entry) ?? []);
  } catch {
    return [];
  }
}
