import { PodroleError } from '../../lib/errors.ts';
import { issuerHostPath } from '../../lib/issuer.ts';
import { type Condition, parseTrustPolicy, type Statement } from '../../sts/policy-document.ts';
import type { TrustEntry } from './trust-entry.ts';
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
 * True if a statement, however it is written, names the entry's provider, subject and audience literally, so
 * that the entry need not be added. A statement whose wildcard happens to admit the subject does not count.
 */
export function coversEntry(statement: Statement, entry: TrustEntry): boolean {
  const { effect, federated, actions, conditions } = statement;
  const key = issuerHostPath(entry.issuer).toLowerCase();
  const names = (claim: string, value: string, isPattern: boolean) =>
    conditions.some(
      (condition) => isAbout(condition, `${key}:${claim}`) && holds(condition, value, isPattern),
    );
  return (
    effect === 'Allow' &&
    federated !== '*' &&
    federated.includes(entry.providerArn) &&
    actions.some((action) => action.toLowerCase() === WEB_IDENTITY_ACTION.toLowerCase()) &&
    conditions.length === 2 &&
    names('sub', entry.subject, entry.isPattern) &&
    names('aud', entry.audience, false)
  );
}

function isAbout(condition: Condition, key: string): boolean {
  return condition.key.toLowerCase() === key;
}

/** `ForAnyValue` and `IfExists` change nothing for keys that every token has. */
function holds({ operator, expected }: Condition, value: string, isPattern: boolean): boolean {
  const { comparison, quantifier } = operator;
  if (quantifier === 'ForAllValues' || !expected.includes(value)) return false;
  return comparison === 'StringLike' || (comparison === 'StringEquals' && !isPattern);
}
