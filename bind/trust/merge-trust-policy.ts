import { issuerHostPath } from '../../lib/issuer.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import type { TrustGrant } from '../desired/desired.ts';
import { samePolicy } from '../plan/same-policy.ts';
import { coversGrant, readStatement } from './covers-grant.ts';
import { grantSid, grantStatement, isOurSid, trustPolicyOf } from './grant-statement.ts';

export interface TrustWishes {
  /** What must be let in. */
  readonly grants: readonly TrustGrant[];
  /** Issuers for which podrole's statements for the grants' subjects go. */
  readonly dropIssuers: readonly string[];
  /** Also removes podrole's statements for other subjects of all these issuers. */
  readonly prune: boolean;
}

/**
 * A role's trust policy as it should be. Statements that podrole did not write stay as they are, and so do its own for other
 * clusters; its statement for a grant is added where no other names the same, and mended where it was edited.
 * @param policy as IAM holds it: a JSON value
 * @returns the policy itself where nothing has to change
 */
export function mergeTrustPolicy(policy: unknown, { grants, dropIssuers, prune }: TrustWishes): unknown {
  const document = asObject(policy);
  const statements = document && statementsOf(document);
  if (!document || !statements || statements.length === 0) return trustPolicyOf(grants);
  const wanted = new Map(grants.map((grant) => [grantSid(grant), grant]));
  const isUnwanted = (statement: unknown) => {
    const sid = asText(asObject(statement)?.['Sid']);
    if (!isOurSid(sid) || (sid !== undefined && wanted.has(sid))) return false;
    const ofDropped = grants.some(({ subject }) =>
      dropIssuers.some((issuer) => grantSid({ issuer, subject }) === sid),
    );
    const pruned = prune ? [...dropIssuers, ...grants.map(({ issuer }) => issuer)] : [];
    return ofDropped || pruned.some((issuer) => isOfIssuer(statement, issuer));
  };
  const kept = statements.filter((statement) => !isUnwanted(statement));
  const mended = kept.map((statement) => {
    const grant = wanted.get(asText(asObject(statement)?.['Sid']) ?? '');
    return grant && !samePolicy(statement, grantStatement(grant)) ? grantStatement(grant) : statement;
  });
  const missing = grants.filter((grant) => !mended.some((statement) => names(statement, grant)));
  const result = [...mended, ...missing.map(grantStatement)];
  const isSame =
    result.length === statements.length && result.every((statement, at) => statement === statements[at]);
  return isSame ? policy : { ...document, Statement: result };
}

/** The statements of a policy, which may be one alone. */
export function statementsOf(policy: JsonObject | undefined): readonly unknown[] {
  const given = policy?.['Statement'];
  return asArray(given) ?? (given === undefined ? [] : [given]);
}

/** Whether a statement's federated principal is the provider of an issuer, in whatever account. */
export function isOfIssuer(statement: unknown, issuer: string): boolean {
  const suffix = `:oidc-provider/${issuerHostPath(issuer)}`;
  const federated =
    readStatement(statement)?.federated ?? asObject(asObject(statement)?.['Principal'])?.['Federated'];
  const arns = asArray(federated) ?? [federated];
  return arns.some((arn) => typeof arn === 'string' && arn.endsWith(suffix));
}

function names(statement: unknown, grant: TrustGrant): boolean {
  const parsed = readStatement(statement);
  return parsed !== undefined && coversGrant(parsed, grant);
}
