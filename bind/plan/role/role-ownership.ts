import { awsAccountOf, parseRoleArn } from '../../../lib/arn.ts';
import { IAM_MANAGED_BY, IAM_TAG } from '../../../lib/contract/podrole.ts';
import type { Fault } from '../../../lib/errors.ts';
import { asObject, asText } from '../../../lib/json/json.ts';
import type { RoleFacts } from '../../iam/iam-facts.ts';
import { issuerTag } from '../../names.ts';
import type { TrustEntry } from '../../trust/trust-entry.ts';
import { statementsOf } from '../../trust/trust-policy-parts.ts';
import { entrySid } from '../../trust/trust-statement.ts';
import { eksctlOwner } from './role-managers.ts';

export interface RoleOwnership {
  /** podrole created the role, and so may delete it. */
  readonly isCreatedByPodrole: boolean;
  /** It was created or adopted for this ServiceAccount. */
  readonly isOfServiceAccount: boolean;
  /** It was created or adopted for a cluster of one of the issuers, or already trusts this one. */
  readonly isOfIssuer: boolean;
  /** Both of these: no other ServiceAccount or cluster is known to use it. */
  readonly isOwn: boolean;
  /** Another ServiceAccount or cluster uses it too: only additions are made. */
  readonly isShared: boolean;
}

export interface OwnershipQuestion {
  /** Value of the tag for the ServiceAccount. */
  readonly owner: string;
  /** Issuers that the ServiceAccount's cluster has, had or will have. */
  readonly issuers: readonly string[];
  readonly trustEntries: readonly TrustEntry[];
}

/** Returns who owns an existing role, by its tags and its trust policy. */
export function roleOwnership(
  { tags, trustPolicy }: RoleFacts,
  { owner, issuers, trustEntries }: OwnershipQuestion,
): RoleOwnership {
  const sids = statementsOf(asObject(trustPolicy)).map((statement) => asText(asObject(statement)?.['Sid']));
  const taggedOwner = tags[IAM_TAG.serviceAccount];
  const taggedIssuer = tags[IAM_TAG.issuer];
  const isOfServiceAccount = taggedOwner === owner;
  const isOfIssuer =
    issuers.some((issuer) => issuerTag(issuer) === taggedIssuer) ||
    trustEntries.some((entry) => sids.includes(entrySid(entry)));
  const isOwn = isOfServiceAccount && isOfIssuer;
  return {
    isCreatedByPodrole: tags[IAM_TAG.managedBy] === IAM_MANAGED_BY,
    isOfServiceAccount,
    isOfIssuer,
    isOwn,
    isShared: taggedOwner !== undefined && !isOwn,
  };
}

export interface RoleClaim {
  readonly ownership: RoleOwnership;
  /** Value of the tag for the ServiceAccount. */
  readonly owner: string;
  /** The user asks to adopt a role that podrole did not create. */
  readonly adopt: boolean;
}

/**
 * Returns true for a role of Ceph that was made with `--ownership-tags=false`. A later run without that flag
 * must not tag it: radosgw refuses every token for a role that has tags.
 */
export function isLeftUntagged({ arn, tags }: RoleFacts, { isOfIssuer }: RoleOwnership): boolean {
  const role = parseRoleArn(arn);
  const isOfAws = !role || awsAccountOf(role) !== undefined;
  return !isOfAws && isOfIssuer && Object.keys(tags).length === 0;
}

/**
 * Returns the fault of a role that only happens to have the default name; undefined if podrole may change it.
 */
export function nameTakenFault(
  facts: RoleFacts,
  { ownership, owner: asked, adopt }: RoleClaim,
): Fault | undefined {
  const { name, tags } = facts;
  const fault = (problem: string, remedy: string): Fault => ({
    code: 'ROLE_NAME_TAKEN',
    object: `role ${name}`,
    problem,
    remedy,
  });
  const explicit = `give --role-name ${name} to use it anyway, or another name`;
  if (isLeftUntagged(facts, ownership))
    return fault('has no tags that show whether podrole created it (--ownership-tags=false)', explicit);
  if (!ownership.isCreatedByPodrole) {
    if (ownership.isOwn) return undefined;
    const adoptedFor = tags[IAM_TAG.serviceAccount];
    if (adoptedFor !== undefined && !ownership.isOfServiceAccount)
      return fault(`was adopted for ServiceAccount ${adoptedFor}`, explicit);
    const ofEksctl = eksctlOwner({ tags });
    if (ofEksctl !== undefined && ofEksctl !== asked)
      return fault(`was created by eksctl for ServiceAccount ${ofEksctl}`, explicit);
    if (adopt) return undefined;
    const either = `give --role-name ${name} or --adopt to use it anyway, or another name`;
    return fault('exists, and podrole did not create it', either);
  }
  if (!ownership.isOfServiceAccount) {
    const owner = tags[IAM_TAG.serviceAccount];
    const problem = owner ? `was created for ServiceAccount ${owner}` : 'was created by another tool';
    return fault(problem, explicit);
  }
  if (ownership.isOfIssuer) return undefined;
  const other = tags[IAM_TAG.issuer] ?? 'unknown';
  return fault(
    `was created for a cluster with the issuer ${other}`,
    [
      'give --cluster-name for a role of its own',
      `--role-name ${name} to share the role`,
      `or --also-issuer or --drop-issuer https://${other} if the cluster moved from there`,
    ].join(', '),
  );
}
