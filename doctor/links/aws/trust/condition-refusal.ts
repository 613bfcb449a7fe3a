import { readStatement } from '../../../../bind/trust/covers-entry.ts';
import { isMisspeltKey, withoutMisspeltKeys } from '../../../../bind/trust/misspelt-keys.ts';
import type { TrustEntry } from '../../../../bind/trust/trust-entry.ts';
import { WEB_IDENTITY_ACTION } from '../../../../bind/trust/trust-statement.ts';
import { issuerHostPath } from '../../../../lib/issuer.ts';
import { globMatches } from '../../../../lib/text/glob.ts';
import { isTokenKey } from '../../../../sts/policy-document.ts';
import {
  type ConditionResult,
  describeCondition,
  isAboutAction,
  type StatementResult,
} from '../../../../sts/trust-policy.ts';
import { describeWrongSubject } from './describe-wrong-subject.ts';
import type { Refusal } from './refusal-of-statement.ts';

/**
 * Returns the refusal of a statement that trusts the provider, by its action or its conditions; undefined for
 * one that names other kinds of principals.
 */
export function conditionRefusal(
  raw: unknown,
  entry: TrustEntry,
  { name, conditions }: StatementResult,
): Refusal | undefined {
  const statement = readStatement(withoutMisspeltKeys(raw).rest);
  if (!statement || statement.federated.length === 0) return undefined;
  if (!isAboutAction(statement, WEB_IDENTITY_ACTION)) {
    const actions = statement.actions.slice(0, 5).join(', ');
    const said = statement.isNotAction ? `excludes ${actions}` : `allows ${actions}`;
    const found = `trusts the provider for another action: ${name} ${said}, not ${WEB_IDENTITY_ACTION}`;
    return { code: 'TRUST_POLICY_WRONG_ACTION', closeness: 50, found, details: [] };
  }
  const failed = conditions.filter(({ outcome }) => outcome === 'no');
  const [worst] = failed.map((condition) => faultOf(condition, entry)).sort((a, b) => a.order - b.order);
  if (!worst) return undefined;
  const isSubject = worst.code === 'TRUST_POLICY_WRONG_SUBJECT';
  return {
    code: worst.code,
    // A statement for another ServiceAccount is less close than one for this one that has a fault.
    closeness: (isSubject ? 60 : 80) - Math.min(failed.length, 9),
    found: `does not let in the token: ${name} ${worst.said}`,
    details: failed.map((condition) => `${name}: ${describeCondition(condition)}`),
  };
}

interface ConditionFault {
  readonly code: Refusal['code'];
  /** The fault with the lowest explains the others. */
  readonly order: number;
  readonly said: string;
}

function faultOf(condition: ConditionResult, entry: TrustEntry): ConditionFault {
  const { key, expected, operator, actual } = condition;
  const hostPath = issuerHostPath(entry.issuer);
  const claim = key.slice(key.lastIndexOf(':') + 1).toLowerCase();
  const isOfToken = key.toLowerCase() === `${hostPath}:${claim}`.toLowerCase();
  if (isMisspeltKey(key))
    return {
      code: 'TRUST_POLICY_MISSPELT_KEY',
      order: 1,
      said: `has the condition key ${key}, which no token has: the key is ${hostPath}:${claim}`,
    };
  if (!isOfToken && isTokenKey(key) && actual === undefined)
    return {
      code: 'TRUST_POLICY_KEY_OF_OTHER_ISSUER',
      order: 2,
      said: `has the condition key ${key}, which is of another issuer: the key is ${hostPath}:${claim}`,
    };
  if (isOfToken && claim === 'sub') return subjectFault(condition, entry);
  if (isOfToken && claim === 'aud')
    return {
      code: 'TRUST_POLICY_WRONG_AUDIENCE',
      order: 4,
      said: `wants the audience ${list(expected)}, the token is for ${entry.audience}`,
    };
  return {
    code: 'TRUST_POLICY_CONDITION_FAILED',
    order: 6,
    said: `has a condition that does not hold: ${operator} ${key}`,
  };
}

function subjectFault({ operator, expected }: ConditionResult, { subject }: TrustEntry): ConditionFault {
  const meant = expected.find((value) => /[*?]/.test(value) && globMatches(value, subject));
  if (meant !== undefined && !/Like/.test(operator) && !/Not/.test(operator))
    return {
      code: 'TRUST_POLICY_LITERAL_WILDCARD',
      order: 3,
      said: `wants the subject ${meant} under ${operator}, which takes * and ? literally`,
    };
  const isNegated = /Not/.test(operator);
  return {
    code: 'TRUST_POLICY_WRONG_SUBJECT',
    order: 5,
    said: isNegated
      ? `excludes the subject ${subject} by ${operator}`
      : `wants ${describeWrongSubject(expected, subject)}`,
  };
}

function list(values: readonly string[]): string {
  return values.slice(0, 5).join(' or ');
}
