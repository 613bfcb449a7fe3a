import { asArray, asObject, type JsonObject } from '../../../lib/json/json.ts';
import { globMatches } from '../../../lib/text/glob.ts';
import { statementsOf } from '../trust-policy-parts.ts';
import { targetActions } from './target-statement.ts';

/**
 * - `yes`: each action that the session needs is allowed
 * - `no`: one of them is not, and no statement could allow it
 * - `denied`: a statement denies it without conditions
 * - `unclear`: it depends on conditions
 */
export type AllowsAssuming = 'yes' | 'no' | 'denied' | 'unclear';

/**
 * Decides whether the policies of a role let it assume a target role. [iam] "Policy evaluation logic"
 * @param documents JSON values of all its identity policies
 */
export function allowsAssuming(
  documents: readonly unknown[],
  targetRoleArn: string,
  hasSessionTags: boolean,
): AllowsAssuming {
  const statements = documents
    .flatMap((document) => statementsOf(asObject(document)))
    .map(asObject)
    .filter((statement) => statement !== undefined);
  const decided = targetActions(hasSessionTags).map((action) => decide(statements, action, targetRoleArn));
  for (const worst of ['denied', 'no', 'unclear'] as const) if (decided.includes(worst)) return worst;
  return 'yes';
}

function decide(statements: readonly JsonObject[], action: string, resource: string): AllowsAssuming {
  const about = statements.filter(
    (statement) =>
      matches(statement, 'Action', action.toLowerCase(), (pattern) => pattern.toLowerCase()) &&
      matches(statement, 'Resource', resource, (pattern) => pattern),
  );
  const some = (effect: string, isPlain: boolean) =>
    about.some((each) => each['Effect'] === effect && (each['Condition'] === undefined) === isPlain);
  if (some('Deny', true)) return 'denied';
  if (some('Allow', true)) return some('Deny', false) ? 'unclear' : 'yes';
  return some('Allow', false) ? 'unclear' : 'no';
}

/** True if a statement is about a value, by the element or by its negation. */
function matches(
  statement: JsonObject,
  element: 'Action' | 'Resource',
  value: string,
  prepare: (pattern: string) => string,
): boolean {
  const plain = textsOf(statement[element]);
  const negated = statement[`Not${element}`];
  const isOne = (patterns: readonly string[]) =>
    patterns.some((pattern) => globMatches(prepare(pattern), value));
  return negated === undefined ? isOne(plain) : !isOne(textsOf(negated));
}

function textsOf(value: unknown): readonly string[] {
  return (asArray(value) ?? [value]).filter((each) => typeof each === 'string');
}
