import { createHash } from 'node:crypto';

const HASH_LENGTH = 8;

/**
 * Value of the tag that says which managed policies podrole attached: hashes, since the ARNs of ten would not fit into the 256
 * characters of a tag.
 */
export function attachedPoliciesTag(arns: readonly string[]): string {
  return [...new Set(arns.map(policyHash))].sort().join(' ');
}

/** Whether the tag names a policy. */
export function isAttachedByPodrole(tag: string | undefined, arn: string): boolean {
  return (tag ?? '').split(' ').includes(policyHash(arn));
}

function policyHash(arn: string): string {
  return createHash('sha256').update(arn).digest('hex').slice(0, HASH_LENGTH);
}
