import { globMatches } from '../lib/text/glob.ts';

/** Comparisons of a value of the request with those of the policy. [iam] "Condition operators" */
const EVALUATED = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
  'NumericEquals',
  'NumericNotEquals',
  'NumericLessThan',
  'NumericLessThanEquals',
  'NumericGreaterThan',
  'NumericGreaterThanEquals',
  'DateEquals',
  'DateNotEquals',
  'DateLessThan',
  'DateLessThanEquals',
  'DateGreaterThan',
  'DateGreaterThanEquals',
  'Bool',
  'Null',
] as const;

/** For values that neither a token nor the clock has: addresses, ARNs, bytes. */
const NOT_EVALUATED = [
  'IpAddress',
  'NotIpAddress',
  'ArnEquals',
  'ArnNotEquals',
  'ArnLike',
  'ArnNotLike',
  'BinaryEquals',
] as const;

const COMPARISONS = [...EVALUATED, ...NOT_EVALUATED];

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

/** Returns the problem of a value that the operator cannot compare; undefined if it can. */
export function operandProblem({ comparison }: ConditionOperator, text: string): string | undefined {
  if (comparison === 'Null' || comparison === 'Bool')
    return /^(?:true|false)$/i.test(text) ? undefined : 'is neither true nor false';
  if (comparison.startsWith('Numeric')) return Number.isNaN(numberOf(text)) ? 'is not a number' : undefined;
  if (comparison.startsWith('Date'))
    return Number.isNaN(secondsOf(text)) ? 'is not a date such as 2030-01-31T00:00:00Z' : undefined;
  return undefined;
}

/** False for an operator that needs values which neither a token nor the clock has. */
export function isEvaluated({ comparison }: ConditionOperator): boolean {
  return EVALUATED.some((known) => known === comparison);
}

/**
 * Returns whether a condition holds, by [iam] "Condition operators" and "Single-valued vs. multivalued
 * context keys": an absent key fails, except with a negated operator, IfExists or ForAllValues; with
 * ForAnyValue it always fails.
 * @param operator one that isEvaluated accepts
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
  const negated = comparison.includes('Not');
  if (absent) return quantifier ? quantifier === 'ForAllValues' : negated || ifExists;
  const holds = (value: string) => expected.some((wanted) => compare(comparison, wanted, value)) !== negated;
  if (quantifier === 'ForAllValues') return actual.every(holds);
  if (quantifier === 'ForAnyValue') return actual.some(holds);
  // AWS does not document an operator without quantifier on several values. Here one match is enough, and a
  // negated operator is the opposite of the plain one.
  return negated ? actual.every(holds) : actual.some(holds);
}

function compare(comparison: ConditionOperator['comparison'], wanted: string, value: string): boolean {
  if (comparison.startsWith('Numeric')) return compareNumbers(comparison, numberOf(wanted), numberOf(value));
  if (comparison.startsWith('Date')) return compareNumbers(comparison, secondsOf(wanted), secondsOf(value));
  if (comparison.endsWith('Like')) return globMatches(wanted, value);
  if (comparison.endsWith('IgnoreCase') || comparison === 'Bool')
    return wanted.toLowerCase() === value.toLowerCase();
  return wanted === value;
}

/** A value that is not a number is NaN, and compares with none. */
function compareNumbers(comparison: string, wanted: number, value: number): boolean {
  if (comparison.endsWith('LessThan')) return value < wanted;
  if (comparison.endsWith('LessThanEquals')) return value <= wanted;
  if (comparison.endsWith('GreaterThan')) return value > wanted;
  if (comparison.endsWith('GreaterThanEquals')) return value >= wanted;
  return value === wanted;
}

function numberOf(text: string): number {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2}))?$/;

/** Seconds since 1970 of an ISO 8601 date, or of seconds. [iam] "Date condition operators" */
function secondsOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  return DATE.test(text) ? Date.parse(text) / 1_000 : Number.NaN;
}
