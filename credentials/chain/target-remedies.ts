import type { TargetRole } from './target-role.ts';

/**
 * Returns the remedies for a refused AssumeRole, by the code of STS. AccessDenied does not say which of the
 * two roles lacks what.
 */
export function targetRemedies({ roleArn, externalId, tags }: TargetRole): Readonly<Record<string, string>> {
  const actions = tags ? 'sts:AssumeRole and sts:TagSession' : 'sts:AssumeRole';
  const untagged = tags ? '' : ', and that it does not require session tags';
  const expired = 'wait: the next session of the own role is obtained first';
  return {
    AccessDenied: `check that the trust policy of ${roleArn} allows ${actions} for the pod's own role, with the sts:ExternalId ${externalId}${untagged}, and that a policy of the own role allows ${actions} on it; \`podrole bind --target-role-arn\` writes both`,
    ValidationError: `check the ARN of the target role, and that --session-duration is within the MaxSessionDuration of ${roleArn}`,
    PackedPolicyTooLarge: `switch the session tags off: they are too large for a session of ${roleArn}`,
    InvalidParameterValue: `switch the session tags off, or correct the role: the pod's own session already has one of these tags`,
    RegionDisabledException: 'activate STS for the region in the account, or give another --region',
    SignatureDoesNotMatch: 'check the clock of this machine, and that no proxy changes the request',
    ExpiredToken: expired,
    ExpiredTokenException: expired,
    InvalidClientTokenId: expired,
  };
}
