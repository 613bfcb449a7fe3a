import { createHash } from 'node:crypto';

const HASH_LENGTH = 8;

/**
 * Returns the value of the tag that remembers which managed policies podrole attached. It holds hashes: the
 * ARNs of ten policies would not fit into the 256 characters of a tag.
 */
export function attachedPoliciesTag(arns: readonly string[]): string {
  return [...new Set(arns.map(policyHash))].sort().join(' ');
}

/** True if the tag names the policy. */
export function isAttachedByPodrole(tag: string | undefined, arn: string): boolean {
  return (tag ?? '').split(' ').includes(policyHash(arn));
}

function policyHash(arn: string): string {
  return createHash('sha256').update(arn).digest('hex').slice(0, HASH_LENGTH);
}
