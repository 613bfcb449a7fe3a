import { issuerHostPath } from '../../lib/issuer.ts';
import { asObject } from '../../lib/json/json.ts';
import { globMatches } from '../../lib/text/glob.ts';
import { timeContext } from '../../sts/time-context.ts';
import {
  evaluateTrustPolicy,
  type Outcome,
  outcomeOf,
  type StatementResult,
  type TrustDecision,
} from '../../sts/trust-policy.ts';
import { readStatement } from './covers-entry.ts';
import type { TrustEntry } from './trust-entry.ts';
import { isOfIssuer, statementsOf } from './trust-policy-parts.ts';
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

/** A statement with elements that podrole does not know applies, unless it is certainly about others. */
function judgeUnread(raw: unknown, at: number, entry: TrustEntry): StatementResult {
  const { Sid, Effect } = asObject(raw) ?? {};
  const effect = Effect === 'Deny' ? 'Deny' : 'Allow';
  const mayApply = mayBePrincipal(raw, entry.issuer) && mayBeAbout(raw, entry);
  const outcome: Outcome = mayApply ? 'restricted' : 'no';
  const reason = mayApply ? 'it has elements that podrole does not know' : 'it is about other tokens';
  const name = typeof Sid === 'string' && Sid !== '' ? Sid : `Statement[${at}]`;
  return { name, effect, outcome, conditions: [], reason };
}

function mayBePrincipal(raw: unknown, issuer: string): boolean {
  const { Principal, NotPrincipal } = asObject(raw) ?? {};
  const everyone = [Principal, Object.values(asObject(Principal) ?? {})].flat(2);
  return NotPrincipal !== undefined || everyone.includes('*') || isOfIssuer(raw, issuer);
}

/** False if StringEquals or StringLike demand other subjects. */
function mayBeAbout(raw: unknown, { issuer, subject }: TrustEntry): boolean {
  const wanted = `${issuerHostPath(issuer)}:sub`.toLowerCase();
  const block = asObject(asObject(raw)?.['Condition']) ?? {};
  const subjects = ['StringEquals', 'StringLike'].flatMap((operator) =>
    Object.entries(asObject(block[operator]) ?? {}).filter(([key]) => key.toLowerCase() === wanted),
  );
  return subjects.every(([, values]) =>
    [values].flat().some((value) => typeof value !== 'string' || globMatches(value, subject)),
  );
}
