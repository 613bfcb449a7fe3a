import { issuerHostPath } from '../../lib/issuer.ts';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';

/** Returns the statements of a policy. A single statement may stand there without a list. */
export function statementsOf(policy: JsonObject | undefined): readonly unknown[] {
  const given = policy?.['Statement'];
  return asArray(given) ?? (given === undefined ? [] : [given]);
}

/** Returns the federated principals that a statement names, also of one that podrole cannot read. */
export function federatedOf(statement: unknown): readonly string[] {
  const federated = asObject(asObject(statement)?.['Principal'])?.['Federated'];
  return (asArray(federated) ?? [federated]).filter((arn) => typeof arn === 'string');
}

/** True if a statement's federated principal is the provider of an issuer, in any account. */
export function isOfIssuer(statement: unknown, issuer: string): boolean {
  const suffix = `:oidc-provider/${issuerHostPath(issuer)}`;
  return federatedOf(statement).some((arn) => arn.endsWith(suffix));
}
