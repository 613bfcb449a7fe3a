import { IAM_MANAGED_BY, IAM_TAG } from '../../lib/contract/podrole.ts';
import type { Fault } from '../../lib/errors.ts';
import { asObject, asText } from '../../lib/json/json.ts';
import type { RoleFacts } from '../iam/iam-facts.ts';
import { issuerTag } from '../names.ts';
import { statementsOf } from '../trust/merge-trust-policy.ts';
import type { TrustEntry } from '../trust/trust-entry.ts';
import { entrySid } from '../trust/trust-statement.ts';

export interface RoleOwnership {
  /** podrole made the role, and so may delete it. */
  readonly isMade: boolean;
  /** It was made or adopted for this ServiceAccount. */
  readonly isOfServiceAccount: boolean;
  /** It was made or adopted for a cluster of one of the issuers, or lets this one in already. */
  readonly isOfIssuer: boolean;
  /** Both of these: no other ServiceAccount or cluster is known to use it. */
  readonly isOwn: boolean;
  /** Another ServiceAccount or cluster uses it too: only additions are made. */
  readonly isShared: boolean;
}

/**
 * Whose an existing role is, by its tags.
 * @param owner value of the tag for the ServiceAccount
 * @param issuers that the ServiceAccount's cluster has, had or will have
 */
export function roleOwnership(
  { tags, trustPolicy }: RoleFacts,
  owner: string,
  issuers: readonly string[],
  trustEntries: readonly TrustEntry[],
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
    isMade: tags[IAM_TAG.managedBy] === IAM_MANAGED_BY,
    isOfServiceAccount,
    isOfIssuer,
    isOwn,
    isShared: taggedOwner !== undefined && !isOwn,
  };
}

/** Why a role that only has the name that podrole would have given is not touched; undefined where it may be. */
export function nameTakenFault({ name, tags }: RoleFacts, ownership: RoleOwnership): Fault | undefined {
  const fault = (problem: string, remedy: string): Fault => ({
    code: 'ROLE_NAME_TAKEN',
    object: `role ${name}`,
    problem,
    remedy,
  });
  const explicit = `give --role-name ${name} to use it all the same, or another name`;
  if (!ownership.isMade) return fault('exists, and podrole did not make it', explicit);
  if (!ownership.isOfServiceAccount) {
    return fault(
      `was made for ServiceAccount ${tags[IAM_TAG.serviceAccount] ?? 'of another tool'}`,
      explicit,
    );
  }
  if (ownership.isOfIssuer) return undefined;
  const other = tags[IAM_TAG.issuer] ?? 'unknown';
  return fault(
    `was made for a cluster with the issuer ${other}`,
    `give --cluster-name for a role of its own, --role-name ${name} to share the role, or --also-issuer or --drop-issuer https://${other} where the cluster moved from there`,
  );
}
