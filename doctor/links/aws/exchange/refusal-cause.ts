import type { ExchangeFacts } from '../../../facts/aws-facts.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import { bindTo, ensureProvider } from '../../remedies/commands.ts';
import type { Terms } from '../terms.ts';
import type { Cause } from './cause.ts';

type Refused = Extract<ExchangeFacts['outcome'], { kind: 'refused' }>;
type Explain = (facts: ChainFacts, terms: Terms, call: ExchangeFacts) => Cause;

/**
 * Returns what a refusal of STS means if every link before it is as it should be, or could not be read. Only
 * status and code decide.
 */
export function refusalCause(
  facts: ChainFacts,
  terms: Terms,
  call: ExchangeFacts,
  { status, code }: Refused,
): Cause {
  const known = BY_CODE.find(([codes]) => codes.test(code));
  if (known) return known[1](facts, terms, call);
  if (status >= 500 || status === 429 || status === 408) return passing(`${status} ${code}`.trim());
  if (code === '') return notAnSts(status);
  return status === 403 ? accessDenied(facts, terms) : otherCode(code);
}

/** [sts] AssumeRoleWithWebIdentity, "Errors", and "Common errors". The SDKs add `Exception` to some. */
const BY_CODE: readonly (readonly [codes: RegExp, explain: Explain])[] = [
  [/^InvalidIdentityToken(?:Exception)?$/, tokenRefused],
  [/^ExpiredToken(?:Exception)?$/, tokenExpired],
  [/^IDPCommunicationError(?:Exception)?$/, cannotReachIssuer],
  [/^AccessDenied(?:Exception)?$/, accessDenied],
  [/^ValidationError$/, invalidRequest],
  [/^RegionDisabledException$/, regionDisabled],
  [
    /^(?:Throttling(?:Exception)?|RequestLimitExceeded|TooManyRequestsException|RequestTimeout|InternalFailure|InternalError|ServiceUnavailable|SlowDown)$/,
    () => passing('too many calls, or a fault of its own'),
  ],
];

function tokenRefused(facts: ChainFacts, { issuer, audience }: Terms): Cause {
  const isUnread = facts.aws.provider.state !== 'read';
  return {
    code: 'STS_TOKEN_REFUSED',
    found: 'refuses the token: it could not verify it, or found no provider or client ID for it',
    remedy: {
      text: isUnread
        ? 'create or complete the OIDC provider in the account of the role'
        : 'wait an hour if the signing key is new; else let AWS reach the issuer from the internet',
      commands: isUnread && issuer !== undefined ? [ensureProvider(issuer, audience)] : [],
    },
    details: [
      'STS may use a key set for up to an hour after it fetched it: a new key is refused until then',
      'STS fetches the documents from the internet: a network from which only you reach them is not enough',
      ...(isUnread ? ['the OIDC provider could not be read with these credentials'] : []),
    ],
  };
}

function tokenExpired(): Cause {
  return {
    code: 'STS_TOKEN_EXPIRED',
    found: 'considers a new token expired',
    remedy: { text: 'correct the clocks of the API servers, which write the times of a token', commands: [] },
    details: [],
  };
}

function cannotReachIssuer(_facts: ChainFacts, { issuer = 'the issuer' }: Terms): Cause {
  return {
    code: 'STS_CANNOT_REACH_ISSUER',
    found: `cannot fetch the documents of ${issuer}`,
    remedy: {
      text: 'let AWS reach the issuer from the internet within 5 s, without a login and without a filter of addresses',
      commands: [],
    },
    details: ['from here the issuer may be reached by another way than from AWS'],
  };
}

function accessDenied(facts: ChainFacts, { role }: Terms): Cause {
  const isUnread = facts.aws.role.state !== 'read';
  return {
    code: 'STS_ACCESS_DENIED',
    found: isUnread
      ? 'does not let the token assume the role, which could not be read'
      : 'does not let the token assume the role, although its trust policy does as far as podrole can check it',
    remedy: {
      text: isUnread
        ? 'with credentials of the account of the role, make its trust policy name this ServiceAccount'
        : 'try again in a minute if the role was just changed; else look for what denies it outside of the role',
      commands: isUnread ? [bindTo(facts, role.arn)] : [],
    },
    details: [
      'a change of a role takes some seconds until every region knows it',
      'service control policies and resource control policies of the organization may deny sts:AssumeRoleWithWebIdentity',
      'conditions on the network or the session, such as aws:SourceVpc, hold in other places than here',
    ],
  };
}

function invalidRequest(_facts: ChainFacts, { role }: Terms): Cause {
  return {
    code: 'STS_INVALID_REQUEST',
    found: 'refuses a value of the request: the role ARN, the name of the session, or its duration',
    remedy: {
      text: `check that ${role.arn} is the ARN of a role, that AWS_ROLE_SESSION_NAME has 2 to 64 letters, digits or _+=,.@-, and that no container asks for a longer session than the role allows`,
      commands: [],
    },
    details: [],
  };
}

function regionDisabled(_facts: ChainFacts, { role }: Terms, { region }: ExchangeFacts): Cause {
  return {
    code: 'STS_REGION_DISABLED',
    found: `is not activated for account ${role.account} in the region ${region}`,
    remedy: {
      text: `activate STS for ${region} in the account settings of IAM, or set AWS_REGION of the pod to an active region`,
      commands: [],
    },
    details: [],
  };
}

function notAnSts(status: number): Cause {
  return {
    code: 'STS_ANSWER_UNKNOWN',
    found: `answers ${status} without a session or an error of STS`,
    remedy: {
      text: 'check that the endpoint of the pod is an STS (AWS_ENDPOINT_URL_STS), and that no proxy answers in its place',
      commands: [],
    },
    details: [],
  };
}

function otherCode(code: string): Cause {
  return {
    code: 'STS_REFUSED',
    found: `refuses the call with the code ${code}`,
    remedy: { text: 'see this code in the STS API Reference, "Common errors"', commands: [] },
    details: [],
  };
}

function passing(why: string): Cause {
  return {
    code: undefined,
    found: `it could not answer now (${why})`,
    remedy: { text: 'run podrole doctor again in a minute', commands: [] },
    details: [],
  };
}
