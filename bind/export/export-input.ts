import { IAM_MANAGED_BY, IAM_TAG } from '../../lib/contract/podrole.ts';
import type { DesiredBinding, DesiredProvider, DesiredRole } from '../desired/desired.ts';
import { attachedPoliciesTag } from '../plan/role/attached-policies-tag.ts';
import type { Existing } from './existing.ts';

/** Everything that IAM should hold for some bindings, as if it were empty. */
export interface ExportInput {
  /** Empty if they are created elsewhere. */
  readonly providers: readonly DesiredProvider[];
  /** SHA-1 of certificates in hex; empty leaves it to IAM. */
  readonly thumbprints: readonly string[];
  readonly bindings: readonly DesiredBinding[];
  /** Left out: neither IAM nor the cluster was read. */
  readonly existing?: Existing | undefined;
}

/** A binding whose role is created. */
export interface NewRoleBinding extends DesiredBinding {
  readonly role: DesiredRole;
}

/**
 * Splits bindings into those whose role is created and those that an existing role only has to trust. A role
 * without a trust policy, as in MinIO, is in neither part.
 */
export function splitBindings(bindings: readonly DesiredBinding[]): {
  readonly made: readonly NewRoleBinding[];
  readonly attached: readonly DesiredBinding[];
} {
  return {
    made: bindings.flatMap(({ role, ...binding }) =>
      role ? [{ ...binding, role: withOwnership(role) }] : [],
    ),
    attached: bindings.filter(({ role, trustEntries }) => !role && trustEntries.length > 0),
  };
}

/**
 * Adds the tag by which `podrole bind` recognises the policies that it attached, so that bind finds nothing
 * to change.
 */
function withOwnership(role: DesiredRole): DesiredRole {
  const { attachedPolicyArns, tags } = role;
  if (attachedPolicyArns.length === 0) return role;
  return { ...role, tags: { ...tags, [IAM_TAG.attachedPolicies]: attachedPoliciesTag(attachedPolicyArns) } };
}

/** Tags of an exported provider, the same as `podrole provider ensure` sets. */
export const PROVIDER_TAGS = { [IAM_TAG.managedBy]: IAM_MANAGED_BY } as const;
