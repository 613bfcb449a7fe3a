import { IAM_ROLE } from '../../lib/contract/iam.ts';
import type { Fault } from '../../lib/errors.ts';
import { policySize } from '../iam/policy-size.ts';

/**
 * Returns the fault of a trust policy that is too long; undefined if it fits.
 * @param limit characters; an account may have a higher quota
 */
export function trustPolicySizeFault(
  policy: unknown,
  role: string,
  limit: number = IAM_ROLE.maxTrustPolicyLength,
): Fault | undefined {
  const size = policySize(policy);
  if (size <= limit) return undefined;
  return {
    code: 'TRUST_POLICY_TOO_LONG',
    object: `trust policy of role ${role}`,
    problem: `would have ${size} characters, but IAM accepts at most ${limit}`,
    remedy: [
      'give the ServiceAccount a role of its own, remove statements',
      'or ask AWS for a higher quota and give --trust-policy-limit',
    ].join(', '),
  };
}
