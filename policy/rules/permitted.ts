import { NAMESPACE_RULE_ANNOTATION } from '../../lib/contract/kube2iam.ts';
import type { NamespaceFacts } from '../namespace-facts.ts';
import { expressionMatches } from '../patterns/expression.ts';
import type { RoleUse } from '../role-use.ts';
import { judgeAnnotation, nameOf, quoted, type Verdict } from './verdict.ts';

/**
 * Judges by `iam.amazonaws.com/permitted`: one regular expression, which must match the whole role, as it is
 * written or as an ARN. [kiam] with --strict-namespace-regexp; without it, a part of the role is enough
 * there.
 */
export function judgePermitted(use: RoleUse, namespace: NamespaceFacts | undefined): Verdict {
  const key = NAMESPACE_RULE_ANNOTATION.permitted;
  return judgeAnnotation({ rule: 'permitted', key, namespace }, (expression) => {
    const { matches, problem } = expressionMatches(expression, [use.given, use.roleArn], 'whole');
    if (problem) return { problem: `${problem}, so it allows no role`, remedy: 'correct the expression' };
    if (matches) return undefined;
    return {
      problem: `is ${quoted(expression)}, which does not match the whole role ${nameOf(use)} or its ARN`,
      remedy: 'use a role that it matches, or extend the expression',
    };
  });
}
