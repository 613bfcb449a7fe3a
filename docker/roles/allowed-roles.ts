import { globMatches } from '../../lib/text/glob.ts';
import { canMatchRole } from '../../policy/role-pattern.ts';

/** Most patterns of `--allow`. Each role that a container names is compared with all of them. */
const MAX_PATTERNS = 100;

/**
 * Parses `--allow`: patterns of role ARNs, separated by commas, with IAM's wildcards `*` and `?`. For a comma
 * in a pattern, `?` stands.
 * @returns undefined if one cannot match the ARN of a role, or there are none or more than 100
 */
export function parseAllowed(given: string): readonly string[] | undefined {
  const patterns = given
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
  const isValid = patterns.every(canMatchRole);
  return isValid && patterns.length > 0 && patterns.length <= MAX_PATTERNS ? patterns : undefined;
}

/**
 * Returns true if one of the patterns matches the whole ARN. `*` also stands for slashes, as in IAM.
 * @param arn of parseRoleArn, which bounds its length and so the work
 */
export function isAllowed(arn: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => globMatches(pattern, arn));
}
