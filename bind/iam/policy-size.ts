/** Characters of a policy as IAM counts them: without white space, save in texts. [iam] "IAM and STS quotas" */
export function policySize(policy: unknown): number {
  return JSON.stringify(policy).length;
}
