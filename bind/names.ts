import { IAM_ROLE, IAM_TAG_RULES } from '../lib/contract/iam.ts';
import { issuerHostPath } from '../lib/issuer.ts';
import { cutWithHash } from '../lib/text/cut-with-hash.ts';
import type { AwsAccount } from './iam/account.ts';

/** Beginning of the names of podrole's own inline policies: those that it may remove. */
export const INLINE_POLICY_PREFIX = 'podrole-';

/** Inline policy by which the role of the pods may assume its target role. */
export const TARGET_POLICY_NAME = `${INLINE_POLICY_PREFIX}target-role`;

/** Returns the name that a role's inline policy gets: podrole's prefix and the name that the user gave. */
export function inlinePolicyName(name: string): string {
  return name.startsWith(INLINE_POLICY_PREFIX) ? name : `${INLINE_POLICY_PREFIX}${name}`;
}

/**
 * Returns the default name of a role. A long name is cut and gets a hash, so that names stay
 * unique.
 */
export function defaultRoleName(
  { namespace, serviceAccount, container }: RoleOwner,
  clusterName: string | undefined,
): string {
  const parts = [clusterName, namespace, serviceAccount, container].filter((part) => part !== undefined);
  return cutWithHash(parts.join('-'), IAM_ROLE.maxNameLength);
}

/** Returns the ARN of an issuer's provider. [iam] "IAM identifiers" */
export function providerArnOf(issuer: string, { partition, accountId }: AwsAccount): string {
  return `arn:${partition}:iam::${accountId}:oidc-provider/${issuerHostPath(issuer)}`;
}

/** A ServiceAccount, or one container of its pods. */
export interface RoleOwner {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly container?: string | undefined;
}

/** Returns `shop/web`, or `shop/web/fluentd` for a container. */
export function ownerId({ namespace, serviceAccount, container }: RoleOwner): string {
  return [namespace, serviceAccount, ...(container === undefined ? [] : [container])].join('/');
}

/** Returns the value of the tag that names the owner of a role. */
export function serviceAccountTag(owner: RoleOwner): string {
  return cutWithHash(ownerId(owner), IAM_TAG_RULES.maxValueLength);
}

/**
 * Returns the value of the tag that names the issuer of a role. Characters that tags cannot hold become `_`.
 */
export function issuerTag(issuer: string): string {
  const value = issuerHostPath(issuer).replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '_');
  return cutWithHash(value, IAM_TAG_RULES.maxValueLength);
}
