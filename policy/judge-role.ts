import { NAMESPACE_RULE_ANNOTATION } from '../lib/contract/kube2iam.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import type { NamespaceFacts } from './namespace-facts.ts';
import type { RolePolicy } from './role-policy.ts';
import type { Refusal, RoleUse } from './role-use.ts';
import { ROLE_MAX_LENGTH } from './rule-limits.ts';
import { judgeAllowedRoles } from './rules/allowed-roles.ts';
import { judgeNamespacePolicy } from './rules/namespace-policy.ts';
import { judgePermitted } from './rules/permitted.ts';
import { judgePolicyFile } from './rules/policy-file.ts';
import { nameOf, quoted, type Verdict } from './rules/verdict.ts';

export interface RoleRules {
  /** Undefined if the Namespace does not exist. */
  readonly namespace: NamespaceFacts | undefined;
  /** The policy file; undefined without one. */
  readonly policy: RolePolicy | undefined;
  /** Format of the patterns in `iam.amazonaws.com/allowed-roles`. */
  readonly allowedRolesFormat: 'glob' | 'regexp';
  /**
   * Prefix that completes the names of roles in `iam.amazonaws.com/allowed-roles`, such as
   * `arn:aws:iam::111122223333:role/`; undefined if there is none.
   */
  readonly baseRoleArn?: string | undefined;
}

/**
 * Returns why a role may not be used; undefined if it may. Each rule that is present must allow it. A role
 * that a pod names needs at least one rule that allows it. The annotations of kube2iam and kiam judge only
 * roles that a pod names, as they did there.
 */
export function judgeRole(use: RoleUse, rules: RoleRules): Refusal | undefined {
  if (use.given.length > ROLE_MAX_LENGTH || use.roleArn.length > ROLE_MAX_LENGTH) return tooLong(use);
  const verdicts = [...verdictsOf(use, rules)];
  const refusal = verdicts.find((verdict) => typeof verdict === 'object');
  if (refusal) return refusal;
  return use.namedBy === 'pod' && !verdicts.includes('allowed') ? noRule(use) : undefined;
}

function* verdictsOf(use: RoleUse, rules: RoleRules): Generator<Verdict> {
  const { namespace, policy, allowedRolesFormat: format, baseRoleArn } = rules;
  yield judgePolicyFile(use, policy, namespace);
  yield judgeNamespacePolicy(use, namespace);
  if (use.namedBy !== 'pod') return;
  yield judgePermitted(use, namespace);
  yield judgeAllowedRoles(use, { namespace, format, baseRoleArn });
}

function noRule(use: RoleUse): Refusal {
  const { permitted, allowedRoles } = NAMESPACE_RULE_ANNOTATION;
  return {
    rule: 'no-rule',
    object: `Namespace ${quoted(use.namespace)}`,
    problem: `has no rule that allows its pods to name the role ${nameOf(use)}`,
    remedy: `annotate it with ${PODROLE_ANNOTATION.allowedRoles}, ${permitted} or ${allowedRoles}`,
  };
}

function tooLong(use: RoleUse): Refusal {
  return {
    rule: 'no-rule',
    object: `Role ${nameOf(use)}`,
    problem: `has more than ${ROLE_MAX_LENGTH} characters`,
    remedy: 'correct it',
  };
}
