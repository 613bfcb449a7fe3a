import { NAMESPACE_RULE_ANNOTATION } from '../../lib/contract/kube2iam.ts';
import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { compareText } from '../../lib/text/compare.ts';
import { starMatches } from '../../lib/text/glob.ts';
import { judgeRole, type RoleRules } from '../judge-role.ts';
import type { NamespaceFacts } from '../namespace-facts.ts';
import type { RolePolicy } from '../role-policy.ts';
import type { Refusal, RoleUse } from '../role-use.ts';
import { rolePatterns } from '../rules/namespace-policy.ts';

/** A role in use, and what uses it. */
export interface FoundUse extends RoleUse {
  /** `ServiceAccount web`, `Pod web-0`. */
  readonly object: string;
}

/** Roles that a rule lets the pods of a namespace use. */
export interface Permission {
  /** File or annotation. */
  readonly from: string;
  readonly serviceAccounts: readonly string[];
  /** As they are written there. */
  readonly roles: readonly string[];
}

export interface NamespaceReport {
  readonly namespace: string;
  readonly mayUse: readonly Permission[];
  readonly uses: readonly JudgedUse[];
}

export interface JudgedUse {
  readonly object: string;
  readonly serviceAccount: string;
  readonly role: string;
  /** Undefined if the role is allowed. */
  readonly refused: Refusal | undefined;
}

/** Returns what each namespace may use, and judges what it does use. */
export function reportOn(
  namespaces: readonly NamespaceFacts[],
  uses: readonly FoundUse[],
  rules: Omit<RoleRules, 'namespace'>,
): readonly NamespaceReport[] {
  const byNamespace = Map.groupBy(uses, ({ namespace }) => namespace);
  return namespaces.map((namespace) => ({
    namespace: namespace.name,
    mayUse: [...permissionsIn(namespace, rules.policy)],
    uses: (byNamespace.get(namespace.name) ?? []).toSorted(byObject).map((use) => ({
      object: use.object,
      serviceAccount: use.serviceAccount,
      role: use.roleArn,
      refused: judgeRole(use, { ...rules, namespace }),
    })),
  }));
}

function byObject(one: FoundUse, other: FoundUse): number {
  return compareText(one.object, other.object) || compareText(one.roleArn, other.roleArn);
}

function* permissionsIn(
  { name, annotations }: NamespaceFacts,
  policy: RolePolicy | undefined,
): Generator<Permission> {
  const listed = (policy?.rules ?? []).filter(({ namespaces }) =>
    namespaces.some((pattern) => starMatches(pattern, name)),
  );
  for (const { serviceAccounts, roles } of listed) {
    yield { from: policy?.origin ?? '', serviceAccounts, roles };
  }
  if (listed.length === 0 && policy?.unlisted === 'allow') {
    yield { from: `${policy.origin}, unlisted`, serviceAccounts: ['*'], roles: ['*'] };
  }
  const { permitted, allowedRoles } = NAMESPACE_RULE_ANNOTATION;
  for (const key of [PODROLE_ANNOTATION.allowedRoles, permitted, allowedRoles]) {
    const value = annotations[key];
    if (value === undefined) continue;
    const isOwn = key === PODROLE_ANNOTATION.allowedRoles;
    const roles = isOwn ? rolePatterns(value) : [value];
    const from = isOwn ? key : `${key}, for roles that pods name`;
    yield { from, serviceAccounts: ['*'], roles };
  }
}
