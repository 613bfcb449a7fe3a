import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { starMatches } from '../../lib/text/glob.ts';
import type { NamespaceFacts } from '../namespace-facts.ts';
import type { PolicyRule, RolePolicy } from '../role-policy.ts';
import type { RoleUse } from '../role-use.ts';
import { nameOf, quoted, type Verdict } from './verdict.ts';

/** Judges by the policy file. */
export function judgePolicyFile(
  use: RoleUse,
  policy: RolePolicy | undefined,
  namespace: NamespaceFacts | undefined,
): Verdict {
  if (!policy) return 'absent';
  const ofNamespace = policy.rules.filter((rule) => anyMatches(rule.namespaces, use.namespace));
  const refuse = (problem: string, remedy: string): Verdict => ({
    rule: 'policy-file',
    object: `Role policy ${policy.origin}`,
    problem,
    remedy,
  });
  if (ofNamespace.length > 0) {
    if (ofNamespace.some((rule) => allows(rule, use))) return 'allowed';
    const subject = `ServiceAccount ${use.namespace}/${use.serviceAccount}`;
    return refuse(
      `does not allow the role ${nameOf(use)} to ${subject}`,
      'use a role that it allows, or add a rule',
    );
  }
  if (policy.unlisted === 'allow') return 'allowed';
  const problem = `has no rule for Namespace ${quoted(use.namespace)}`;
  if (policy.unlisted === 'deny') return refuse(problem, 'add a rule that names the Namespace and the role');
  const key = PODROLE_ANNOTATION.allowedRoles;
  if (namespace?.annotations[key] !== undefined) return 'allowed';
  return refuse(
    `${problem}, which has no annotation ${key}`,
    'add a rule, or annotate the Namespace with its roles',
  );
}

function allows({ serviceAccounts, roles }: PolicyRule, { serviceAccount, roleArn }: RoleUse): boolean {
  return anyMatches(serviceAccounts, serviceAccount) && anyMatches(roles, roleArn);
}

function anyMatches(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => starMatches(pattern, text));
}
