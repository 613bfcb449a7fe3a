import type { NamespaceFacts } from '../namespace-facts.ts';
import type { Refusal, RoleUse } from '../role-use.ts';
import { RULE_MAX_LENGTH, RULE_MAX_PATTERNS } from '../rule-limits.ts';
import { shownText } from '../shown-text.ts';

/** Judgement of one rule. `absent`: there is no such rule, so it neither allows nor refuses. */
export type Verdict = 'absent' | 'allowed' | Refusal;

/** Returns a value of a tenant in quotes, shortened and safe to print. */
export function quoted(value: string): string {
  return `"${shownText(value).replaceAll('"', '\\"')}"`;
}

/** Returns the role as a refusal names it. */
export function nameOf({ given, roleArn }: RoleUse): string {
  return quoted(given === '' ? roleArn : given);
}

/** Reason of a rule to refuse: the rest of a sentence that begins with the rule, and what to do. */
export type Reason = Pick<Refusal, 'problem' | 'remedy'>;

export const TOO_MANY_PATTERNS: Reason = {
  problem: `has more than ${RULE_MAX_PATTERNS} patterns, so it allows no role`,
  remedy: 'use patterns with *',
};

/** Annotation of a Namespace that is a rule. */
export interface AnnotationRule {
  readonly rule: Refusal['rule'];
  readonly key: string;
  readonly namespace: NamespaceFacts | undefined;
}

/**
 * Judges by an annotation of the Namespace.
 * @param judge gets the value, which is neither empty nor too long
 */
export function judgeAnnotation(
  { rule, key, namespace }: AnnotationRule,
  judge: (value: string) => Reason | undefined,
): Verdict {
  const value = namespace?.annotations[key];
  if (value === undefined) return 'absent';
  const refusal = refusalOf(value, judge);
  return refusal
    ? { rule, object: `Annotation ${key} of Namespace ${namespace?.name}`, ...refusal }
    : 'allowed';
}

function refusalOf(value: string, judge: (value: string) => Reason | undefined): Reason | undefined {
  if (value.length > RULE_MAX_LENGTH) {
    return {
      problem: `is longer than ${RULE_MAX_LENGTH} characters, so it allows no role`,
      remedy: 'shorten it with patterns',
    };
  }
  if (value.trim() === '') {
    return { problem: 'is empty, so it allows no role', remedy: 'name the roles in it, or remove it' };
  }
  return judge(value);
}
