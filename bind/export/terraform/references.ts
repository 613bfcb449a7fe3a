import { type HclExpression, withReferences } from './hcl.ts';

/** Expressions of Terraform by the ARN that they stand for. */
export type ArnReferences = ReadonlyMap<string, string>;

const SEPARATORS = /([,=])/;

/** Returns annotations in which exported roles are references: alone, or in a list of `container=ARN`. */
export function annotationsWithReferences(
  annotations: Readonly<Record<string, string>>,
  roles: ArnReferences,
): Readonly<Record<string, string | HclExpression>> {
  return Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [key, withReferences(value, roles, SEPARATORS)]),
  );
}
