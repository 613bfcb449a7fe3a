import { ROLE_MAX_LENGTH } from './rule-limits.ts';

const PATTERN = /^(?:arn:|\*)[!-~]*$/;

/**
 * Returns true if a pattern with IAM's wildcards can match the ARN of a role. Another one would have no
 * effect, and nobody would notice.
 */
export function canMatchRole(pattern: string): boolean {
  return pattern.length <= ROLE_MAX_LENGTH && PATTERN.test(pattern);
}
