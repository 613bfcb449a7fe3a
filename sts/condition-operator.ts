import { globMatches } from '../lib/text/glob.ts';

const COMPARISONS = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
  'Null',
] as const;

/** The parts of a condition operator such as `ForAnyValue:StringLikeIfExists`. */
export interface ConditionOperator {
  /** As the policy writes it. */
  readonly name: string;
  readonly comparison: (typeof COMPARISONS)[number];
  readonly quantifier: 'ForAnyValue' | 'ForAllValues' | undefined;
  readonly ifExists: boolean;
}

/**
 * Parses the name of an operator; undefined for an unknown one. `Null` has neither quantifier nor IfExists.
 * [iam] "Condition operators"
 */
export function parseOperator(name: string): ConditionOperator | undefined {
  const [, prefix, base, suffix] = /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  const comparison = COMPARISONS.find((known) => known === base);
  if (!comparison || (comparison === 'Null' && (prefix || suffix))) return undefined;
  const quantifier = prefix === 'ForAnyValue' || prefix === 'ForAllValues' ? prefix : undefined;
  return { name, comparison, quantifier, ifExists: suffix !== undefined };
}

/**
 * Returns whether a condition holds, by [iam] "Condition operators" and "Single-valued vs. multivalued
 * context keys": an absent key fails, except with a negated operator, IfExists or ForAllValues; with
 * ForAnyValue it always fails.
 * @param expected the policy's values, of which one must match
 * @param actual the values of the key in the request; undefined or empty if it is absent
 */
export function operatorHolds(
  operator: ConditionOperator,
  expected: readonly string[],
  actual: readonly string[] = [],
): boolean {
  const { comparison, quantifier, ifExists } = operator;
  const absent = actual.length === 0;
  if (comparison === 'Null') return expected.some((text) => (text.toLowerCase() === 'true') === absent);
  const negated = comparison.startsWith('StringNot');
  if (absent) return quantifier ? quantifier === 'ForAllValues' : negated || ifExists;
  const holds = (value: string) =>
    expected.some((pattern) => compare(comparison, pattern, value)) !== negated;
  if (quantifier === 'ForAllValues') return actual.every(holds);
  if (quantifier === 'ForAnyValue') return actual.some(holds);
  // AWS does not document an operator without quantifier on several values. Here one match is enough, and a
  // negated operator is the opposite of the plain one.
  return negated ? actual.every(holds) : actual.some(holds);
}

function compare(comparison: ConditionOperator['comparison'], pattern: string, value: string): boolean {
  if (comparison.endsWith('Like')) return globMatches(pattern, value);
  if (comparison.endsWith('IgnoreCase')) return pattern.toLowerCase() === value.toLowerCase();
  return pattern === value;
}
