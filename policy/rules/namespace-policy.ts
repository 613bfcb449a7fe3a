import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { starMatches } from '../../lib/text/glob.ts';
import type { NamespaceFacts } from '../namespace-facts.ts';
import type { RoleUse } from '../role-use.ts';
import { RULE_MAX_PATTERNS } from '../rule-limits.ts';
import { judgeAnnotation, nameOf, TOO_MANY_PATTERNS, type Verdict } from './verdict.ts';

/** Returns the patterns of role ARNs in `podrole.dev/allowed-roles`, which white space separates. */
export function rolePatterns(value: string): readonly string[] {
  return value.split(/[ \t\r\n]+/).filter((pattern) => pattern !== '');
}

/** Judges by `podrole.dev/allowed-roles`. In a pattern, `*` stands for any number of characters. */
export function judgeNamespacePolicy(use: RoleUse, namespace: NamespaceFacts | undefined): Verdict {
  const key = PODROLE_ANNOTATION.allowedRoles;
  return judgeAnnotation({ rule: 'namespace-policy', key, namespace }, (value) => {
    const patterns = rolePatterns(value);
    if (patterns.length > RULE_MAX_PATTERNS) return TOO_MANY_PATTERNS;
    if (patterns.some((pattern) => starMatches(pattern, use.roleArn))) return undefined;
    return {
      problem: `does not name the role ${nameOf(use)}`,
      remedy: 'use a role that it names, or add the ARN of this one',
    };
  });
}
