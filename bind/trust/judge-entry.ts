import { issuerHostPath } from '../../lib/issuer.ts';
import { asObject } from '../../lib/json/json.ts';
import { timeContext } from '../../sts/time-context.ts';
import {
  evaluateTrustPolicy,
  outcomeOf,
  type StatementResult,
  type TrustDecision,
} from '../../sts/trust-policy.ts';
import { readStatement } from './covers-entry.ts';
import { judgeUnread } from './judge-unread.ts';
import { withoutMisspeltKeys } from './misspelt-keys.ts';
import type { TrustEntry } from './trust-entry.ts';
import { statementsOf } from './trust-policy-parts.ts';
import { WEB_IDENTITY_ACTION } from './trust-statement.ts';

/**
 * Decides whether a trust policy lets in the token of an entry, as STS does. A statement that podrole cannot
 * read, and that may be about the token, makes the outcome `restricted`.
 * @param policy JSON value
 * @param now left out: conditions on the time are not evaluated
 */
export function judgeEntry(policy: unknown, entry: TrustEntry, now?: Date): TrustDecision {
  const statements = statementsOf(asObject(policy)).map((raw, at) => judgeStatement(raw, at, entry, now));
  return { outcome: outcomeOf(statements), statements };
}

/** Judges one statement of a trust policy. See judgeEntry. */
export function judgeStatement(raw: unknown, at: number, entry: TrustEntry, now?: Date): StatementResult {
  const { rest, misspelt } = withoutMisspeltKeys(raw);
  const result = judgeSpelled(rest, at, entry, now);
  if (misspelt.length === 0) return result;
  const conditions = [...result.conditions, ...misspelt];
  const failed = conditions.filter(({ outcome }) => outcome === 'no').length;
  const isRefusal = misspelt.some(({ outcome }) => outcome === 'no') && result.outcome !== 'no';
  return isRefusal
    ? { ...result, conditions, outcome: 'no', reason: `${failed} of ${conditions.length} conditions failed` }
    : { ...result, conditions };
}

function judgeSpelled(raw: unknown, at: number, entry: TrustEntry, now?: Date): StatementResult {
  const statement = readStatement(raw);
  if (!statement) return judgeUnread(raw, at, entry);
  const name = statement.name.replace('Statement[0]', `Statement[${at}]`);
  const key = issuerHostPath(entry.issuer);
  const { statements } = evaluateTrustPolicy(
    { statements: [{ ...statement, name }] },
    {
      action: WEB_IDENTITY_ACTION,
      federatedPrincipal: entry.providerArn,
      context: {
        [`${key}:sub`]: entry.subject,
        [`${key}:aud`]: entry.audience,
        [`${key}:oaud`]: entry.audience,
        // AWS serves STS by TLS alone.
        'aws:SecureTransport': 'true',
        ...(now ? timeContext(now) : {}),
      },
    },
  );
  const [result] = statements;
  return result ?? judgeUnread(raw, at, entry);
}
