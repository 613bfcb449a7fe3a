import { asObject } from '../../lib/json/json.ts';

/**
 * Returns a trust policy in which the ARNs of providers are replaced, so that another tool creates the
 * providers before the role.
 * @param reference returns what stands for a provider; its ARN if it is not exported
 */
export function trustWithReferences(policy: unknown, reference: (arn: string) => unknown): unknown {
  const document = asObject(policy);
  const statements = document?.['Statement'];
  if (!document || statements === undefined) return policy;
  const replaced = (statement: unknown) => statementWithReferences(statement, reference);
  return {
    ...document,
    Statement: Array.isArray(statements) ? statements.map(replaced) : replaced(statements),
  };
}

function statementWithReferences(statement: unknown, reference: (arn: string) => unknown): unknown {
  const members = asObject(statement);
  const principal = asObject(members?.['Principal']);
  const federated = principal?.['Federated'];
  if (federated === undefined) return statement;
  const replaced = (arn: unknown) => (typeof arn === 'string' ? reference(arn) : arn);
  const Federated = Array.isArray(federated) ? federated.map(replaced) : replaced(federated);
  return { ...members, Principal: { ...principal, Federated } };
}
