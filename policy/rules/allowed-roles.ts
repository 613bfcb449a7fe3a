import { NAMESPACE_RULE_ANNOTATION } from '../../lib/contract/kube2iam.ts';
import { messageOf } from '../../lib/errors.ts';
import { asArray } from '../../lib/json/json.ts';
import { parseJson } from '../../lib/json/parse-json.ts';
import { starMatches } from '../../lib/text/glob.ts';
import { completeRole, isArn } from '../complete-role.ts';
import type { NamespaceFacts } from '../namespace-facts.ts';
import { expressionMatches, MATCH_MAX_STEPS } from '../patterns/expression.ts';
import type { RoleUse } from '../role-use.ts';
import { RULE_MAX_PATTERNS } from '../rule-limits.ts';
import { judgeAnnotation, nameOf, quoted, type Reason, TOO_MANY_PATTERNS, type Verdict } from './verdict.ts';

export interface AllowedRolesRule {
  readonly namespace: NamespaceFacts | undefined;
  readonly format: 'glob' | 'regexp';
  /** Prefix that completes a pattern that is not an ARN; undefined if there is none. */
  readonly baseRoleArn: string | undefined;
}

/**
 * Judges by `iam.amazonaws.com/allowed-roles`: a JSON array of patterns. A pattern that does not begin with
 * `arn:` gets the prefix of role names, and is then compared with the ARN of the role. A glob must match the
 * whole ARN, an expression only a part of it. [kube2iam] mappings/mapper.go
 */
export function judgeAllowedRoles(use: RoleUse, rule: AllowedRolesRule): Verdict {
  const { namespace } = rule;
  const key = NAMESPACE_RULE_ANNOTATION.allowedRoles;
  return judgeAnnotation({ rule: 'allowed-roles', key, namespace }, (value) => {
    const read = readPatterns(value);
    if (!('patterns' in read)) return read;
    const completed = read.patterns.map((pattern) => completeRole(pattern, rule.baseRoleArn) ?? pattern);
    return rule.format === 'regexp'
      ? judgeExpressions(use, completed)
      : judgeGlobs(use, completed, rule.baseRoleArn === undefined);
  });
}

function readPatterns(value: string): { readonly patterns: readonly string[] } | Reason {
  const remedy = 'write a JSON array of strings, such as ["shop-*"]';
  let parsed: unknown;
  try {
    parsed = parseJson(value);
  } catch (thrown) {
    return { problem: `${messageOf(thrown)}, so it allows no role`, remedy };
  }
  const patterns = asArray(parsed);
  if (!patterns?.every((pattern) => typeof pattern === 'string')) {
    return { problem: 'is not a JSON array of strings, so it allows no role', remedy };
  }
  return patterns.length > RULE_MAX_PATTERNS ? TOO_MANY_PATTERNS : { patterns };
}

function judgeGlobs(use: RoleUse, patterns: readonly string[], hasNoPrefix: boolean): Reason | undefined {
  if (patterns.some((pattern) => starMatches(pattern, use.roleArn))) return undefined;
  return noMatch(
    use,
    hasNoPrefix && patterns.some((pattern) => !isArn(pattern))
      ? 'give --base-role-arn, which completes the names in it'
      : undefined,
  );
}

/** One malformed expression makes the whole rule malformed: it may be the one that should have limited it. */
function judgeExpressions(use: RoleUse, patterns: readonly string[]): Reason | undefined {
  let allSteps = 0;
  let isNamed = false;
  for (const pattern of patterns) {
    const { matches, problem, steps } = expressionMatches(pattern, [use.roleArn], 'part');
    if (problem) {
      return {
        problem: `has the expression ${quoted(pattern)}, which ${problem}, so it allows no role`,
        remedy: 'correct the expression',
      };
    }
    allSteps += steps;
    if (allSteps > MATCH_MAX_STEPS) {
      return {
        problem: 'has expressions that together take too long, so it allows no role',
        remedy: 'use fewer or shorter expressions',
      };
    }
    isNamed ||= matches;
  }
  return isNamed ? undefined : noMatch(use, undefined);
}

function noMatch(use: RoleUse, remedy: string | undefined): Reason {
  return {
    problem: `does not name the role ${nameOf(use)}`,
    remedy: remedy ?? 'use a role that it names, or add this one',
  };
}
