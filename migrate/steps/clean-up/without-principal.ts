import { asArray, asObject, asText, type JsonObject } from '../../../lib/json/json.ts';

/**
 * Returns a trust policy in which no Allow statement names an AWS principal; the policy itself if none does.
 * Everything else stays, also a statement that denies.
 * @param policy JSON value
 * @returns undefined if nothing would be left that lets anybody in
 */
export function withoutPrincipal(policy: JsonObject, arn: string): JsonObject | undefined {
  const given = policy['Statement'];
  const statements = asArray(given) ?? [given];
  const kept = statements.flatMap((statement) => withoutIn(statement, arn));
  if (kept.length === statements.length && kept.every((statement, at) => statement === statements[at]))
    return policy;
  if (!kept.some((statement) => asObject(statement)?.['Effect'] === 'Allow')) return undefined;
  return { ...policy, Statement: kept };
}

/** @returns an empty list if the statement is for nobody else */
function withoutIn(statement: unknown, arn: string): readonly unknown[] {
  const object = asObject(statement);
  const principal = asObject(object?.['Principal']);
  if (!object || !principal || object['Effect'] !== 'Allow') return [statement];
  const named = asArray(principal['AWS']) ?? [principal['AWS']];
  const others = named.filter((one) => asText(one) !== arn);
  if (others.length === named.length) return [statement];
  const { AWS, ...rest } = principal;
  if (others.length > 0) return [{ ...object, Principal: { ...principal, AWS: others } }];
  return Object.keys(rest).length > 0 ? [{ ...object, Principal: rest }] : [];
}
