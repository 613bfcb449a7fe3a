import { statementsOf } from '../../../../bind/trust/trust-policy-parts.ts';
import { asArray, asObject, type JsonObject } from '../../../../lib/json/json.ts';

/** Effect of a policy, as far as it shows without the requests that will be made. */
export interface PolicyEffect {
  /** It has an Allow. */
  readonly allows: boolean;
  /** It allows every action on every resource, without conditions. */
  readonly allowsAll: boolean;
  /** Statements that deny every action on every resource, with the keys of their conditions. */
  readonly deniesAll: readonly { readonly name: string; readonly conditionKeys: readonly string[] }[];
}

/** Returns the effect of an identity policy. @param document JSON value */
export function effectOf(document: unknown): PolicyEffect {
  const statements = statementsOf(asObject(document)).flatMap((raw, at) => {
    const statement = asObject(raw);
    return statement ? [{ statement, name: nameOf(statement, at) }] : [];
  });
  const withEffect = (effect: string) => statements.filter(({ statement }) => statement['Effect'] === effect);
  return {
    allows: withEffect('Allow').length > 0,
    allowsAll: withEffect('Allow').some(
      ({ statement }) => isAboutAll(statement) && conditionKeys(statement).length === 0,
    ),
    deniesAll: withEffect('Deny')
      .filter(({ statement }) => isAboutAll(statement))
      .map(({ statement, name }) => ({ name, conditionKeys: conditionKeys(statement) })),
  };
}

function nameOf({ Sid }: JsonObject, at: number): string {
  return typeof Sid === 'string' && Sid !== '' ? Sid : `Statement[${at}]`;
}

function isAboutAll({ Action, Resource }: JsonObject): boolean {
  return includesAll(Action, /^(?:\*+|\*:\*)$/) && includesAll(Resource, /^\*+$/);
}

function includesAll(value: unknown, all: RegExp): boolean {
  return (asArray(value) ?? [value]).some((item) => typeof item === 'string' && all.test(item));
}

function conditionKeys({ Condition }: JsonObject): readonly string[] {
  return Object.values(asObject(Condition) ?? {}).flatMap((keys) => Object.keys(asObject(keys) ?? {}));
}
