import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { operatorHolds, parseOperator } from '../../sts/condition-operator.ts';
import { isTokenKey } from '../../sts/policy-document.ts';
import type { ConditionResult } from '../../sts/trust-policy.ts';

/**
 * Keys that are meant for a claim, with the issuer as a URL, as the ARN of its provider, or left out. IAM
 * keeps them, and no request has them: the key is `HOST/PATH:sub`.
 */
const MISSPELT = /^(?:(?:https?:\/\/|arn:)\S*:)?(?:sub|aud|oaud|amr|email)$/i;

/** True for a condition key that is meant for a claim, but is written so that no request has it. */
export function isMisspeltKey(key: string): boolean {
  return MISSPELT.test(key) && !isTokenKey(key);
}

interface Separated {
  /** The statement without these conditions. */
  readonly rest: unknown;
  /** Each as STS evaluates it: its key is absent from every request. */
  readonly misspelt: readonly ConditionResult[];
}

/** Takes the conditions with misspelt keys out of a statement. */
export function withoutMisspeltKeys(raw: unknown): Separated {
  const statement = asObject(raw);
  const block = asObject(statement?.['Condition']);
  if (!statement || !block) return { rest: raw, misspelt: [] };
  const misspelt: ConditionResult[] = [];
  const kept: Record<string, unknown> = {};
  for (const [operator, keys] of Object.entries(block)) {
    const others: Record<string, unknown> = {};
    for (const [key, values] of Object.entries(asObject(keys) ?? {})) {
      const result = isMisspeltKey(key) ? resultOf(operator, key, values) : undefined;
      if (result) misspelt.push(result);
      else others[key] = values;
    }
    if (!asObject(keys)) kept[operator] = keys;
    else if (Object.keys(others).length > 0) kept[operator] = others;
  }
  return misspelt.length === 0 ? { rest: raw, misspelt } : { rest: withCondition(statement, kept), misspelt };
}

function resultOf(operator: string, key: string, values: unknown): ConditionResult | undefined {
  const parsed = parseOperator(operator);
  if (!parsed) return undefined;
  const expected = (asArray(values) ?? [values]).map(String);
  return {
    operator,
    key,
    expected,
    actual: undefined,
    outcome: operatorHolds(parsed, expected) ? 'yes' : 'no',
  };
}

function withCondition({ Condition: _all, ...statement }: JsonObject, kept: JsonObject): JsonObject {
  return Object.keys(kept).length === 0 ? statement : { ...statement, Condition: kept };
}
