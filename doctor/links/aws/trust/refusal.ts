import type { TrustEntry } from '../../../../bind/trust/trust-entry.ts';
import { statementsOf } from '../../../../bind/trust/trust-policy-parts.ts';
import { asObject } from '../../../../lib/json/json.ts';
import { describeCondition, type StatementResult, type TrustDecision } from '../../../../sts/trust-policy.ts';
import { conditionRefusal } from './condition-refusal.ts';
import { principalRefusal } from './principal-refusal.ts';
import type { Refusal } from './refusal-of-statement.ts';

/**
 * Returns why a trust policy does not let in a token: the Deny, else what is wrong with the statement that
 * comes closest to it.
 * @param decision of judgeEntry for this policy and entry, whose outcome is `no`
 */
export function refusalOf(policy: unknown, entry: TrustEntry, { statements }: TrustDecision): Refusal {
  const raws = statementsOf(asObject(policy));
  const deny = statements.find(({ effect, outcome }) => effect === 'Deny' && outcome === 'yes');
  if (deny) {
    const found = `denies the token by ${deny.name}`;
    return { code: 'TRUST_POLICY_DENIES', closeness: 0, found, details: conditionsOf(deny) };
  }
  const refusals = statements.flatMap((result, at) =>
    result.effect === 'Allow' ? [refusalOfAllow(raws[at], entry, result)] : [],
  );
  const [closest] = refusals.sort((one, other) => other.closeness - one.closeness);
  return closest ?? { ...NO_STATEMENT, found: 'has no Allow statement' };
}

const NO_STATEMENT = { code: 'TRUST_POLICY_NO_STATEMENT', closeness: 0, details: [] } as const;

function refusalOfAllow(raw: unknown, entry: TrustEntry, result: StatementResult): Refusal {
  return (
    principalRefusal(raw, entry, result.name) ??
    conditionRefusal(raw, entry, result) ?? {
      ...NO_STATEMENT,
      found: `has no statement for web identities: ${result.name} does not match, because ${result.reason}`,
    }
  );
}

/** Describes the conditions of a statement in lines, each with what is expected and what the token has. */
export function conditionsOf({ name, conditions }: StatementResult): readonly string[] {
  return conditions.map((condition) => `${name}: ${describeCondition(condition)}`);
}
