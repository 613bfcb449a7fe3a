/** Facts on which the remedies of a refusal depend. */
interface AskedRole {
  readonly roleArn: string;
  readonly policy?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Returns the remedies for a refused AssumeRole with the host's own credentials, by the code of STS. */
export function hostRemedies({ roleArn, policy, tags }: AskedRole): Readonly<Record<string, string>> {
  const actions = tags ? 'sts:AssumeRole and sts:TagSession' : 'sts:AssumeRole';
  const untagged = tags ? ', or assume roles without --session-tags' : '';
  const credentials = "renew the host's own credentials: STS does not accept them";
  return {
    AccessDenied: `check that the role exists, that the trust policy of ${roleArn} allows ${actions} for the host's identity, and that a policy of that identity allows ${actions} on it${untagged}`,
    ValidationError: `keep --session-duration within the MaxSessionDuration of ${roleArn}; if the host's own credentials are those of a role, within 3600 seconds`,
    MalformedPolicyDocument: 'correct the session policy',
    PackedPolicyTooLarge: policy
      ? `shorten the session policy${untagged}`
      : 'assume roles without --session-tags',
    InvalidParameterValue: `assume roles without --session-tags: the host's own session already has one of these tags`,
    RegionDisabledException: 'activate STS for the region in the account, or give another --region',
    SignatureDoesNotMatch:
      "check the secret key of the host's own credentials, the clock of this machine, and that no proxy changes the request",
    InvalidClientTokenId: credentials,
    ExpiredToken: credentials,
    ExpiredTokenException: credentials,
  };
}
