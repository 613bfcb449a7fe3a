import { IAM_ROLE, IAM_TAG_RULES } from '../lib/contract/iam.ts';
import { issuerHostPath } from '../lib/issuer.ts';
import { cutWithHash } from '../lib/text/cut-with-hash.ts';
import type { AwsAccount } from './iam/account.ts';

/** Names of the inline policies that podrole puts into a role, and so may remove, begin so. */
export const INLINE_POLICY_PREFIX = 'podrole-';

/** Name of the role of a ServiceAccount where none is given; long ones are cut with a hash, so that they don't collide. */
export function defaultRoleName(
  namespace: string,
  serviceAccount: string,
  clusterName: string | undefined,
): string {
  const parts = [...(clusterName === undefined ? [] : [clusterName]), namespace, serviceAccount];
  return cutWithHash(parts.join('-'), IAM_ROLE.maxNameLength);
}

/** ARN of the provider of an issuer. [iam] "IAM identifiers" */
export function providerArnOf(issuer: string, { partition, accountId }: AwsAccount): string {
  return `arn:${partition}:iam::${accountId}:oidc-provider/${issuerHostPath(issuer)}`;
}

/** Value of the tag that says for which ServiceAccount a role was made. */
export function serviceAccountTag(namespace: string, name: string): string {
  return cutWithHash(`${namespace}/${name}`, IAM_TAG_RULES.maxValueLength);
}

/** Value of the tag that says for which issuer a role was made; signs that tags can't hold become `_`. */
export function issuerTag(issuer: string): string {
  const value = issuerHostPath(issuer).replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '_');
  return cutWithHash(value, IAM_TAG_RULES.maxValueLength);
}
