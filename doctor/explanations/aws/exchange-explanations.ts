import type { Explanations } from '../explanation.ts';

/** Findings of the live call to STS. */
export const exchangeExplanations = {
  STS_TOKEN_REFUSED: {
    link: 'exchange',
    title: 'STS does not accept the token',
    errors: [
      'InvalidIdentityToken',
      'The web identity token provided could not be validated',
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
      "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
    ],
    happened:
      'Everything that can be checked from here is right. STS may still use a key set that it fetched before a rotation, up to an hour ago, or it does not reach the issuer from the internet.',
    remedy: 'Wait an hour after a new key. Let AWS reach the issuer from the internet.',
  },
  STS_TOKEN_EXPIRED: {
    link: 'exchange',
    title: 'STS considers a new token expired',
    errors: ['ExpiredTokenException', 'Token expired: current date/time'],
    happened:
      'The clock of the API server that wrote the token is behind by more than the lifetime of the token.',
    remedy: 'Correct the clocks of the control plane, for example with NTP.',
  },
  STS_CANNOT_REACH_ISSUER: {
    link: 'exchange',
    title: 'STS cannot fetch the documents of the issuer',
    errors: ['IDPCommunicationError', 'An error occurred while communicating with the identity provider'],
    happened:
      'STS fetches the discovery document and the key set from the internet, and waits five seconds. From here, they may be reached by another way.',
    remedy: 'Publish the documents at an address that everybody can read: `podrole publish`.',
  },
  STS_ACCESS_DENIED: {
    link: 'exchange',
    title: 'STS does not let the token assume the role',
    errors: ['AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'],
    happened:
      'The trust policy lets the token in as far as podrole can check it, or could not be read. A policy of the organization, or a condition on the network or the session, may deny it.',
    remedy:
      'Try again in a minute after a change. Then look at service control policies and resource control policies.',
  },
  STS_INVALID_REQUEST: {
    link: 'exchange',
    title: 'STS refuses a value of the request',
    errors: ['ValidationError', 'Request ARN is invalid'],
    happened: 'The role ARN, the name of the session, or its duration is not what STS takes.',
    remedy: 'Correct the annotation of the role, AWS_ROLE_SESSION_NAME, or the duration.',
  },
  STS_REGION_DISABLED: {
    link: 'exchange',
    title: 'STS is not activated in the region',
    errors: ['RegionDisabledException', 'STS is not activated in this region for account'],
    happened: 'The account of the role has STS deactivated in the region whose endpoint the pod asks.',
    remedy: 'Activate STS for the region in the account settings of IAM, or set AWS_REGION to an active one.',
  },
  STS_ANSWER_UNKNOWN: {
    link: 'exchange',
    title: 'Something that is not an STS answers',
    errors: ['Deserialization error', 'Unable to parse response'],
    happened: 'The endpoint of the pod is another server, or a proxy answers in place of STS.',
    remedy: 'Correct AWS_ENDPOINT_URL_STS, or the proxy.',
  },
  STS_REFUSED: {
    link: 'exchange',
    title: 'STS refuses the call for another reason',
    errors: [],
    happened: 'STS answered with a code that podrole has no advice for.',
    remedy: 'Look for the code in the STS API Reference, "Common errors".',
  },
  STS_UNREACHABLE: {
    link: 'exchange',
    title: 'STS cannot be reached',
    errors: [
      'Could not connect to the endpoint URL',
      'Connect timeout on endpoint URL',
      'getaddrinfo ENOTFOUND sts.',
      'connect ETIMEDOUT',
    ],
    happened:
      'The name of the endpoint has no address, nobody answers there, or the network lets nobody out without a proxy.',
    remedy:
      'Check region and endpoint. Let the network out by a route, a VPC endpoint of STS, or HTTPS_PROXY.',
  },
  STS_CERTIFICATE_UNTRUSTED: {
    link: 'exchange',
    title: 'The certificate of STS is not trusted',
    errors: [
      'SSL validation failed',
      'CERTIFICATE_VERIFY_FAILED',
      'unable to get local issuer certificate',
      'x509: certificate signed by unknown authority',
    ],
    happened: 'A private STS has a certificate of its own CA, or a proxy opens TLS with its own certificate.',
    remedy: 'Let AWS_CA_BUNDLE name the CA, in the pod and where `podrole doctor` runs.',
  },
  STS_PROXY_FAILED: {
    link: 'exchange',
    title: 'The proxy does not lead to STS',
    errors: [
      'Failed to connect to proxy URL',
      'Tunnel connection failed: 403 Forbidden',
      '407 Proxy Authentication Required',
    ],
    happened: 'The proxy is down, requires other credentials, or does not allow the host of STS.',
    remedy: 'Correct HTTPS_PROXY, allow the host in the proxy, or name the host in NO_PROXY.',
  },
  STS_PROXY_NOT_IN_POD: {
    link: 'exchange',
    title: 'STS was reached through a proxy that the pod does not have',
    errors: ['Connect timeout on endpoint URL'],
    happened: 'This machine has a proxy and the containers of the pod name none. Their network may need one.',
    remedy: 'Set HTTPS_PROXY and NO_PROXY in the containers if the nodes need the proxy.',
  },
  STS_OTHER_ROLE: {
    link: 'exchange',
    title: 'STS gives a session of another role',
    errors: [],
    happened: 'The answer names another role or account than the one that was asked for.',
    remedy: 'Check that the endpoint is the STS of the account of the role.',
  },
  STS_CLOCK_SKEW: {
    link: 'exchange',
    title: 'A clock differs from that of STS',
    errors: ['SignatureDoesNotMatch', 'Signature expired', 'RequestExpired', 'RequestTimeTooSkewed'],
    happened:
      'AWS tolerates five minutes. Beyond that, signed requests and tokens are refused as expired or as not valid yet.',
    remedy: 'Correct the clock, for example with NTP.',
  },
} as const satisfies Explanations;
