import { parseRoleArn } from '../lib/arn.ts';

/** True for everything that begins as an ARN; kube2iam ignores the case. [kube2iam] iam/arn.go */
export function isArn(role: string): boolean {
  return /^arn:/i.test(role);
}

/**
 * Returns a role, or a pattern of roles, with the prefix of role names if it is not an ARN; undefined if
 * there is no prefix. A slash between them is added, and one that the role begins with is dropped, as kiam
 * does.
 * @param baseRoleArn such as `arn:aws:iam::111122223333:role/`
 */
export function completeRole(role: string, baseRoleArn: string | undefined): string | undefined {
  if (isArn(role)) return role;
  if (baseRoleArn === undefined) return undefined;
  return `${baseRoleArn.replace(/\/$/, '')}/${role.replace(/^\//, '')}`;
}

/** Returns the ARN of a role as it is named; undefined if it cannot be completed, or is not a role. */
export function roleArnOf(given: string, baseRoleArn: string | undefined): string | undefined {
  const arn = completeRole(given, baseRoleArn);
  return arn !== undefined && parseRoleArn(arn) ? arn : undefined;
}
