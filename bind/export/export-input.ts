import { IAM_MANAGED_BY, IAM_TAG } from '../../lib/contract/podrole.ts';
import type { DesiredBinding, DesiredProvider, DesiredRole } from '../desired/desired.ts';
import { attachedPoliciesTag } from '../plan/attached-policies-tag.ts';

/** What an export writes down: everything that IAM should hold for some bindings, as if it held nothing yet. */
export interface ExportInput {
  /** Empty where they are made elsewhere. */
  readonly providers: readonly DesiredProvider[];
  /** SHA-1 of certificates in hex; empty leaves it to IAM. */
  readonly thumbprints: readonly string[];
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
    made: bindings.flatMap(({ role, ...binding }) =>
      role ? [{ ...binding, role: withOwnership(role) }] : [],
    ),
    attached: bindings.filter(({ role }) => !role),
  };
}

/** With the tag by which `podrole bind` knows the policies that it attached: where a role has it, bind finds nothing to change. */
function withOwnership(role: DesiredRole): DesiredRole {
  const { attachedPolicyArns, tags } = role;
  if (attachedPolicyArns.length === 0) return role;
  return { ...role, tags: { ...tags, [IAM_TAG.attachedPolicies]: attachedPoliciesTag(attachedPolicyArns) } };
}

/** Tags of a provider that an export makes, as those that `podrole provider ensure` makes. */
export const PROVIDER_TAGS = { [IAM_TAG.managedBy]: IAM_MANAGED_BY } as const;

/** The providers of an export that a binding's role trusts, and so must come after. */
export function providersOf(
  { trustEntries }: DesiredBinding,
  providers: readonly DesiredProvider[],
): readonly DesiredProvider[] {
  return providers.filter(({ arn }) => trustEntries.some(({ providerArn }) => providerArn === arn));
}
