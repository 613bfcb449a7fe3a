import { statementsOf } from '../../bind/trust/trust-policy-parts.ts';
import { parseRoleArn } from '../../lib/arn.ts';
import { asArray, asObject, asText } from '../../lib/json/json.ts';

/** A principal of AWS that a trust policy lets assume the role. */
export interface AwsPrincipal {
  /** ARN, account or `*`, as it is written. */
  readonly principal: string;
  readonly asksForExternalId: boolean;
}

/** Most principals of one trust policy: IAM limits its length to 4,096 characters. */
const MAX_PRINCIPALS = 500;
const ASSUME_ROLE = new Set(['*', 'sts:*', 'sts:assume*', 'sts:assumerole', 'sts:assumerole*']);

/** Returns the principals of AWS in the statements of a trust policy that allow sts:AssumeRole. */
export function awsPrincipalsOf(policy: unknown): readonly AwsPrincipal[] {
  return statementsOf(asObject(policy))
    .map(asObject)
    .filter((raw) => raw?.['Effect'] === 'Allow')
    .filter((raw) => textsOf(raw?.['Action']).some((action) => ASSUME_ROLE.has(action.toLowerCase())))
    .flatMap((raw) => {
      const asksForExternalId = hasExternalId(raw?.['Condition']);
      return principalsIn(raw?.['Principal']).map((principal) => ({ principal, asksForExternalId }));
    })
    .slice(0, MAX_PRINCIPALS);
}

function principalsIn(principal: unknown): readonly string[] {
  return principal === '*' ? ['*'] : textsOf(asObject(principal)?.['AWS']);
}

function hasExternalId(condition: unknown): boolean {
  const operators = Object.values(asObject(condition) ?? {});
  return operators.some((keys) =>
    Object.keys(asObject(keys) ?? {}).some((key) => key.toLowerCase() === 'sts:externalid'),
  );
}

/** IAM writes one value without its array. */
function textsOf(value: unknown): readonly string[] {
  return (asArray(value) ?? [value]).flatMap((item) => asText(item) ?? []);
}

/** Returns whether a trust policy lets a role assume it: by its name, or by its whole account. */
export function trustsRole(policy: unknown, roleArn: string): boolean {
  const role = parseRoleArn(roleArn);
  if (!role) return false;
  const root = `arn:${role.partition}:iam::${role.account}:root`;
  const trusted = new Set([roleArn, root, role.account, '*']);
  return awsPrincipalsOf(policy).some(({ principal }) => trusted.has(principal));
}

/**
 * Returns the role that most of the trust policies let in; undefined if two are in as many, or if none lets
 * in a role.
 */
export function commonRole(policies: readonly unknown[]): string | undefined {
  const counts = new Map<string, number>();
  for (const policy of policies) {
    const roles = awsPrincipalsOf(policy).filter(({ principal }) => parseRoleArn(principal));
    for (const principal of new Set(roles.map((each) => each.principal)))
      counts.set(principal, (counts.get(principal) ?? 0) + 1);
  }
  const [first, second] = [...counts].sort(([, few], [, many]) => many - few);
  return first && first[1] !== second?.[1] ? first[0] : undefined;
}
