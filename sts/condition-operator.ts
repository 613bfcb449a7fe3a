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

/** A condition operator taken apart: `ForAnyValue:StringLikeIfExists`. */
export interface ConditionOperator {
  /** As the policy writes it. */
  readonly name: string;
  readonly comparison: (typeof COMPARISONS)[number];
  readonly quantifier: 'ForAnyValue' | 'ForAllValues' | undefined;
  readonly ifExists: boolean;
}

/** The operator of a name; undefined for one that is unknown. `Null` takes neither quantifier nor IfExists. [iam] "Condition operators" */
export function parseOperator(name: string): ConditionOperator | undefined {
  const [, prefix, base, suffix] = /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  const comparison = COMPARISONS.find((known) => known === base);
  if (!comparison || (comparison === 'Null' && (prefix || suffix))) return undefined;
  const quantifier = prefix === 'ForAnyValue' || prefix === 'ForAllValues' ? prefix : undefined;
  return { name, comparison, quantifier, ifExists: suffix !== undefined };
}

/**
 * Whether a condition holds, by the rules of [iam] "Condition operators" and "Single-valued vs. multivalued context keys":
 * an absent key fails, but passes a negated operator, IfExists and ForAllValues; ForAnyValue always fails on it.
 * @param expected the policy's values; one that matches is enough
 * @param actual the values of the key in the request; undefined or empty where it is absent
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
  // AWS does not say what an operator without quantifier makes of several values. Here one that matches is enough,
  // and a negated operator is the opposite of its plain one.
  return negated ? actual.every(holds) : actual.some(holds);
}

function compare(comparison: ConditionOperator['comparison'], pattern: string, value: string): boolean {
  if (comparison.endsWith('Like')) return globMatches(pattern, value);
  if (comparison.endsWith('IgnoreCase')) return pattern.toLowerCase() === value.toLowerCase();
  return pattern === value;
}
