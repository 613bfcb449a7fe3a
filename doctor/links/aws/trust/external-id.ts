import type { ConditionResult, TrustDecision } from '../../../../sts/trust-policy.ts';

const KEY = 'sts:externalid';
/** Operators that hold, or may hold, if the request lacks the key. [iam] "Condition operators" */
const HOLDS_WITHOUT = /Not|IfExists$|^ForAllValues:/;

/**
 * Returns the conditions on `sts:ExternalId` that let in nobody: AssumeRoleWithWebIdentity has no such
 * parameter. None if another statement may let in the token.
 */
export function impossibleExternalIds({ outcome, statements }: TrustDecision): readonly string[] {
  if (outcome !== 'restricted') return [];
  const open = statements.filter((each) => each.effect === 'Allow' && each.outcome === 'restricted');
  const found = open.map(({ name, conditions }) => ({ name, condition: conditions.find(isImpossible) }));
  if (found.some(({ condition }) => condition === undefined)) return [];
  return found.map(({ name, condition }) => `${name} has ${condition?.operator} ${condition?.key}`);
}

function isImpossible({ key, operator, expected }: ConditionResult): boolean {
  if (key.toLowerCase() !== KEY) return false;
  return operator === 'Null' ? !expected.includes('true') : !HOLDS_WITHOUT.test(operator);
}
