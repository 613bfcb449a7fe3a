import { PodroleError } from '../../lib/errors.ts';
import { issuerHostPath } from '../../lib/issuer.ts';
import { type Condition, parseTrustPolicy, type Statement } from '../../sts/policy-document.ts';
import type { TrustGrant } from '../desired/desired.ts';
import { WEB_IDENTITY_ACTION } from './grant-statement.ts';

/** A statement narrowed; undefined where it holds what podrole does not know, and so can't be read as IAM would. */
export function readStatement(statement: unknown): Statement | undefined {
  try {
    return parseTrustPolicy({ Statement: [statement] }).statements[0];
  } catch (thrown) {
    if (thrown instanceof PodroleError) return undefined;
    throw thrown;
  }
}

/**
 * Whether a statement, however it is written, names the grant's provider, subject and audience as they are: then the grant need not
 * be added. A statement that lets the subject in by a wildcard of another does not count.
 */
export function coversGrant(statement: Statement, grant: TrustGrant): boolean {
  const { effect, federated, actions, conditions } = statement;
  const key = issuerHostPath(grant.issuer).toLowerCase();
  const names = (claim: string, value: string, isPattern: boolean) =>
    conditions.some(
      (condition) => isAbout(condition, `${key}:${claim}`) && holds(condition, value, isPattern),
    );
  return (
    effect === 'Allow' &&
    federated !== '*' &&
    federated.includes(grant.providerArn) &&
    actions.some((action) => action.toLowerCase() === WEB_IDENTITY_ACTION.toLowerCase()) &&
    conditions.length === 2 &&
    names('sub', grant.subject, grant.isPattern) &&
    names('aud', grant.audience, false)
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
