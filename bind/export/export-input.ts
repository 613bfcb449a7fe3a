import type { DesiredBinding, DesiredProvider, DesiredRole } from '../desired.ts';

/** What an export writes down: everything that IAM should hold for some bindings, as if it held nothing yet. */
export interface ExportInput {
  /** Undefined where the provider is made elsewhere. */
  readonly provider: DesiredProvider | undefined;
  /** SHA-1 of certificates in hex; empty leaves it to IAM. */
  readonly thumbprints: readonly string[];
  /** Tags of the provider. */
  readonly providerTags: Readonly<Record<string, string>>;
  readonly bindings: readonly DesiredBinding[];
}

/** A binding whose role is made. */
export interface NewRoleBinding extends DesiredBinding {
  readonly role: DesiredRole;
}

/** The bindings whose role is made, and those that only have to be trusted by a role that exists. */
export function splitBindings(bindings: readonly DesiredBinding[]): {
  readonly made: readonly NewRoleBinding[];
  readonly attached: readonly DesiredBinding[];
} {
  return {
    made: bindings.flatMap(({ role, ...binding }) => (role ? [{ ...binding, role }] : [])),
    attached: bindings.filter(({ role }) => !role),
  };
}
