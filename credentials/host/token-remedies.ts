/** Returns the remedies for a refused token that is not of a ServiceAccount, by the code of STS. */
export function tokenRemedies(roleArn: string): Readonly<Record<string, string>> {
  const expired = 'check that the token file is renewed, and that the clock is right';
  return {
    AccessDenied: `check that the role exists, and that the trust policy of ${roleArn} allows sts:AssumeRoleWithWebIdentity for the issuer, the subject and the audience of the token`,
    InvalidIdentityToken:
      'check that IAM has an OIDC provider for the issuer of the token and its audience, and that the issuer is published',
    ExpiredTokenException: expired,
    ExpiredToken: expired,
    ValidationError: `check that --session-duration is within the MaxSessionDuration of ${roleArn}`,
    RegionDisabledException: 'activate STS for the region in the account, or give another --region',
    MalformedPolicyDocument: 'correct the session policy',
    PackedPolicyTooLarge: 'shorten the session policy',
  };
}
