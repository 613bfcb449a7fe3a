import type { Fault } from '../../../lib/errors.ts';
import type { PolicyFacts } from '../../iam/read-policy.ts';
import { EMPTY_PLAN, type Plan } from '../plan-step.ts';

/** Returns the faults of managed policies that do not exist, and notes on those that were not checked. */
export function policyFindings(policies: readonly PolicyFacts[]): Plan {
  const faults = policies.flatMap(({ arn, state }): readonly Fault[] => {
    const object = `policy ${arn}`;
    if (state === 'missing') {
      const remedy = 'correct the ARN, or create the policy first';
      return [{ code: 'POLICY_NOT_FOUND', object, problem: 'does not exist', remedy }];
    }
    if (state !== 'not attachable') return [];
    const problem = 'cannot be attached to a role';
    return [{ code: 'IAM_INVALID_INPUT', object, problem, remedy: 'give another policy' }];
  });
  const unknown = policies.filter(({ state }) => state === 'unknown');
  const notes = [...Map.groupBy(unknown, ({ reason }) => reason)].map(
    ([reason, same]) =>
      `podrole could not check that ${same.map(({ arn }) => arn).join(', ')} exist: ${reason}`,
  );
  return { ...EMPTY_PLAN, notes, faults };
}
