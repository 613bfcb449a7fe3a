import { issuerHostPath } from '../../lib/issuer.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { samePolicy } from '../iam/same-policy.ts';
import { coversEntry, readStatement } from './covers-entry.ts';
import type { TrustEntry } from './trust-entry.ts';
import { entrySid, entryStatement, isOurSid, trustPolicyOf } from './trust-statement.ts';

export interface TrustOptions {
  /** Tokens that must be trusted. */
  readonly trustEntries: readonly TrustEntry[];
  /** Issuers whose statements by podrole for the same subjects are removed. */
  readonly dropIssuers: readonly string[];
  /** Also removes podrole's statements for other subjects of all these issuers. */
  readonly prune: boolean;
}

/**
 * Returns a role's trust policy as it should be. Statements that podrole did not write stay, and so do its
 * own for other clusters. Its statement for an entry is added if no other names the same, and repaired if it
 * was edited.
 * @param policy as IAM answers it: a JSON value
 * @returns the policy itself if nothing has to change
 */
export function mergeTrustPolicy(
  policy: unknown,
  { trustEntries, dropIssuers, prune }: TrustOptions,
): unknown {
  const document = asObject(policy);
  const statements = document && statementsOf(document);
  if (!document || !statements || statements.length === 0) return trustPolicyOf(trustEntries);
  const wanted = new Map(trustEntries.map((entry) => [entrySid(entry), entry]));
  const isUnwanted = (statement: unknown) => {
    const sid = asText(asObject(statement)?.['Sid']);
    if (!isOurSid(sid) || (sid !== undefined && wanted.has(sid))) return false;
    const ofDropped = trustEntries.some(({ subject }) =>
      dropIssuers.some((issuer) => entrySid({ issuer, subject }) === sid),
    );
    const pruned = prune ? [...dropIssuers, ...trustEntries.map(({ issuer }) => issuer)] : [];
    return ofDropped || pruned.some((issuer) => isOfIssuer(statement, issuer));
  };
  const kept = statements.filter((statement) => !isUnwanted(statement));
  const updated = kept.map((statement) => {
    const entry = wanted.get(asText(asObject(statement)?.['Sid']) ?? '');
    return entry && !samePolicy(statement, entryStatement(entry)) ? entryStatement(entry) : statement;
  });
  const missing = trustEntries.filter((entry) => !updated.some((statement) => names(statement, entry)));
  const result = [...updated, ...missing.map(entryStatement)];
  const isSame =
    result.length === statements.length && result.every((statement, at) => statement === statements[at]);
  return isSame ? policy : { ...document, Statement: result };
}

/** Returns the statements of a policy, which may hold one without a list. */
export function statementsOf(policy: JsonObject | undefined): readonly unknown[] {
  const given = policy?.['Statement'];
  return asArray(given) ?? (given === undefined ? [] : [given]);
}

/** True if a statement's federated principal is the provider of an issuer, in any account. */
export function isOfIssuer(statement: unknown, issuer: string): boolean {
  const suffix = `:oidc-provider/${issuerHostPath(issuer)}`;
  const federated =
    readStatement(statement)?.federated ?? asObject(asObject(statement)?.['Principal'])?.['Federated'];
  const arns = asArray(federated) ?? [federated];
  return arns.some((arn) => typeof arn === 'string' && arn.endsWith(suffix));
}

function names(statement: unknown, entry: TrustEntry): boolean {
  const parsed = readStatement(statement);
  return parsed !== undefined && coversEntry(parsed, entry);
}
