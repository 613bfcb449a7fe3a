import { NAMESPACE_RULE_ANNOTATION } from '../../../../lib/contract/kube2iam.ts';
import { PODROLE_ANNOTATION } from '../../../../lib/contract/podrole.ts';
import { asArray } from '../../../../lib/json/json.ts';
import { shellWord } from '../../../../lib/text/shell-word.ts';
import { judgeRole } from '../../../../policy/judge-role.ts';
import type { NamespaceFacts } from '../../../../policy/namespace-facts.ts';
import { expressionMatches } from '../../../../policy/patterns/expression.ts';
import type { Refusal, RoleUse } from '../../../../policy/role-use.ts';

export interface RefusedUse {
  readonly use: RoleUse;
  readonly namespace: NamespaceFacts;
  /** Rule that refuses it. */
  readonly rule: Refusal['rule'];
  readonly format: 'glob' | 'regexp';
  readonly baseRoleArn: string | undefined;
}

/** Longer annotations are for an editor. */
const MAX_VALUE_LENGTH = 2_000;

/**
 * Returns the command that adds a role to the rule of a Namespace that refuses it. A rule that cannot be read
 * allows nothing, so it is replaced. Empty if no command can do it.
 */
export function allowCommands({ use, namespace, rule, format, baseRoleArn }: RefusedUse): readonly string[] {
  const { permitted, allowedRoles } = NAMESPACE_RULE_ANNOTATION;
  const key =
    rule === 'permitted'
      ? permitted
      : rule === 'allowed-roles'
        ? allowedRoles
        : PODROLE_ANNOTATION.allowedRoles;
  const before = namespace.annotations[key] ?? '';
  const allows = (value: string) => {
    const annotations = { ...namespace.annotations, [key]: value };
    const rules = {
      namespace: { ...namespace, annotations },
      policy: undefined,
      baseRoleArn,
      allowedRolesFormat: format,
    };
    return judgeRole(use, rules)?.rule !== rule;
  };
  const value = candidates(key, before, use.roleArn, format).find(allows);
  if (value === undefined || value.length > MAX_VALUE_LENGTH) return [];
  const annotation = shellWord(`${key}=${value}`);
  return [`kubectl annotate namespace ${shellWord(use.namespace)} ${annotation} --overwrite`];
}

/** Returns values that may allow the role too, the one that keeps the most first. */
function candidates(
  key: string,
  before: string,
  roleArn: string,
  format: RefusedUse['format'],
): readonly string[] {
  const expression = roleArn.replace(/[.+]/g, '[$&]');
  if (key === NAMESPACE_RULE_ANNOTATION.permitted) {
    // What is not an expression by itself may become one of another meaning within parentheses.
    const isReadable = expressionMatches(before, [], 'whole').problem === undefined;
    return [...(isReadable ? [`(?:${before})|${expression}`] : []), expression];
  }
  if (key === PODROLE_ANNOTATION.allowedRoles) return [`${before} ${roleArn}`.trim(), roleArn];
  // An expression that does not begin as an ARN would be completed as a name.
  const item = format === 'regexp' ? `${expression}$` : roleArn;
  return [JSON.stringify([...itemsOf(before), item]), JSON.stringify([item])];
}

function itemsOf(text: string): readonly unknown[] {
  try {
    return asArray(JSON.parse(text) as unknown) ?? [];
  } catch {
    return [];
  }
}
