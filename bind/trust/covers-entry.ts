import { PodroleError } from '../../lib/errors.ts';
import { issuerHostPath } from '../../lib/issuer.ts';
import { type Condition, parseTrustPolicy, type Statement } from '../../sts/policy-document.ts';
import type { TrustCondition, TrustEntry } from './trust-entry.ts';
import { WEB_IDENTITY_ACTION } from './trust-statement.ts';

/**
 * Parses a statement; undefined if it has an element that podrole does not know, and so cannot read as IAM
 * would.
 */
export function readStatement(statement: unknown): Statement | undefined {
  try {
    return parseTrustPolicy({ Statement: [statement] }).statements[0];
  } catch (thrown) {
    if (thrown instanceof PodroleError) return undefined;
    throw thrown;
  }
}

/**
 * True if a statement, however it is written, names the entry's provider, subject and audience literally, and
 * has exactly the further conditions that the entry asks for, so that the entry need not be added. A
 * statement whose wildcard happens to admit the subject does not count.
 */
export function coversEntry(statement: Statement, entry: TrustEntry): boolean {
  const asked = entry.conditions ?? [];
  return (
    namesEntry(statement, entry) &&
    asked.every((condition) => hasCondition(statement, condition)) &&
    furtherConditions(statement, entry).every((found) => asked.some((condition) => isSame(found, condition)))
  );
}

/** True if a statement names the entry's provider, subject and audience literally. It may demand more. */
export function namesEntry(statement: Statement, entry: TrustEntry): boolean {
  const { effect, federated, isNotPrincipal, actions, isNotAction, conditions } = statement;
  const key = issuerHostPath(entry.issuer).toLowerCase();
  const names = (claim: string, value: string, isPattern: boolean) => {
    const found = conditions.filter(
      (condition) => isPositive(condition) && isAbout(condition, `${key}:${claim}`),
    );
    // Several operators may name the same key, and all of them must hold.
    return found.length > 0 && found.every((condition) => holds(condition, value, isPattern));
  };
  return (
    effect === 'Allow' &&
    !isNotPrincipal &&
    federated !== '*' &&
    federated.includes(entry.providerArn) &&
    !isNotAction &&
    actions.some((action) => action.toLowerCase() === WEB_IDENTITY_ACTION.toLowerCase()) &&
    names('sub', entry.subject, entry.isPattern) &&
    names('aud', entry.audience, false)
  );
}

/** Returns the conditions beside those by which podrole names the subject and the audience. */
export function furtherConditions(
  { conditions }: Pick<Statement, 'conditions'>,
  { issuer }: TrustEntry,
): readonly Condition[] {
  const key = issuerHostPath(issuer).toLowerCase();
  return conditions.filter(
    (condition) =>
      !isPositive(condition) || !(isAbout(condition, `${key}:sub`) || isAbout(condition, `${key}:aud`)),
  );
}

/** True if a statement has a condition of this operator and key with these values. */
export function hasCondition({ conditions }: Statement, condition: TrustCondition): boolean {
  return conditions.some((found) => isSame(found, condition));
}

function isSame(found: Condition, { operator, key, values }: TrustCondition): boolean {
  const { expected } = found;
  return (
    found.operator.name === operator &&
    isAbout(found, key.toLowerCase()) &&
    expected.every((value) => values.includes(value)) &&
    values.every((value) => expected.includes(value))
  );
}

function isAbout(condition: Condition, key: string): boolean {
  return condition.key.toLowerCase() === key;
}

/** A condition that names what gets in. */
function isPositive({ operator: { comparison } }: Condition): boolean {
  return comparison.startsWith('String') && !comparison.startsWith('StringNot');
}

/** `ForAnyValue` and `IfExists` change nothing for keys that every token has. */
function holds({ operator, expected }: Condition, value: string, isPattern: boolean): boolean {
  const { comparison, quantifier } = operator;
  if (quantifier === 'ForAllValues' || !expected.includes(value)) return false;
  return comparison === 'StringLike' || (comparison === 'StringEquals' && !isPattern);
}
