/**
 * Returns the characters of a policy as IAM counts them: without white space outside of strings. [iam] "IAM
 * and STS quotas"
 */
export function policySize(policy: unknown): number {
  return JSON.stringify(policy).length;
}
