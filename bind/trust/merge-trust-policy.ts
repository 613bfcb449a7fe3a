import { asObject, asText } from '../../lib/json/json.ts';
import { samePolicy } from '../iam/same-policy.ts';
import { coversEntry, readStatement } from './covers-entry.ts';
import { narrowedFor } from './narrowed-for.ts';
import { keptOwnStatement } from './own-statement.ts';
import type { TrustEntry } from './trust-entry.ts';
import { isOfIssuer, statementsOf } from './trust-policy-parts.ts';
import { entrySid, entryStatement, isOurSid, trustPolicyOf } from './trust-statement.ts';

export interface TrustOptions {
  /** Tokens that must be trusted. */
  readonly trustEntries: readonly TrustEntry[];
  /** Issuers whose statements by podrole for the same subjects are removed. */
  readonly dropIssuers: readonly string[];
  /** Also removes podrole's statements for other subjects of all these issuers. */
  readonly prune: boolean;
  /**
   * Removes from podrole's statements what is not asked for, such as further conditions, and adds a statement
   * even if another one lets the same tokens in under conditions only.
   */
  readonly widen?: boolean | undefined;
  /** Left out: conditions on the time are not evaluated. */
  readonly now?: Date | undefined;
}

/**
 * Returns a role's trust policy as it should be. Statements that podrole did not write stay, and so do its
 * own for other clusters. Its statement for an entry is added if no other names the same, with or without
 * further conditions, and repaired if it was edited.
 * @param policy as IAM answers it: a JSON value
 * @returns the policy itself if nothing has to change
 */
export function mergeTrustPolicy(
  policy: unknown,
  { trustEntries, dropIssuers, prune, widen = false }: TrustOptions,
): unknown {
  const document = asObject(policy);
  const statements = document && statementsOf(document);
  if (!document || !statements || statements.length === 0) return trustPolicyOf(trustEntries);
  const wanted = new Map(trustEntries.map((entry) => [entrySid(entry), entry]));
  const isUnwanted = (statement: unknown) => {
    const sid = sidOf(statement);
    if (!isOurSid(sid) || (sid !== undefined && wanted.has(sid))) return false;
    const ofDropped = trustEntries.some(({ subject, container }) =>
      dropIssuers.some((issuer) => entrySid({ issuer, subject, container }) === sid),
    );
    const pruned = prune ? [...dropIssuers, ...trustEntries.map(({ issuer }) => issuer)] : [];
    return ofDropped || pruned.some((issuer) => isOfIssuer(statement, issuer));
  };
  const kept = statements.filter((statement) => !isUnwanted(statement));
  const updated = kept.map((statement) => {
    const entry = wanted.get(sidOf(statement) ?? '');
    if (!entry) return statement;
    return widen ? exactly(statement, entry) : keptOwnStatement(statement, entry, prune);
  });
  const missing = trustEntries.filter((entry) => !hasEntry(updated, entry, widen));
  const result = [...updated, ...missing.map(entryStatement)];
  const isSame =
    result.length === statements.length && result.every((statement, at) => statement === statements[at]);
  return isSame ? policy : { ...document, Statement: result };
}

function exactly(statement: unknown, entry: TrustEntry): unknown {
  const wanted = entryStatement(entry);
  return samePolicy(statement, wanted) ? statement : wanted;
}

/** True if an entry has its statement, or must not get one. */
function hasEntry(statements: readonly unknown[], entry: TrustEntry, widen: boolean): boolean {
  const sid = entrySid(entry);
  return statements.some((raw) => {
    if (sidOf(raw) === sid) return true;
    const statement = readStatement(raw);
    return (
      (statement !== undefined && coversEntry(statement, entry)) ||
      (!widen && narrowedFor(raw, entry) !== undefined)
    );
  });
}

function sidOf(statement: unknown): string | undefined {
  return asText(asObject(statement)?.['Sid']);
}
