import { redactSecrets } from '../../lib/text/redact.ts';
import { ExchangeError, type Retry } from './exchange-error.ts';
import { elementAt, type XmlElement } from './xml-tree.ts';

const REMEDY_BY_CODE: Readonly<Record<string, string>> = {
  AccessDenied:
    'check that the role exists and that its trust policy names exactly this ServiceAccount and audience; `podrole bind` writes it',
  InvalidIdentityToken:
    'check that IAM has an OIDC provider for the issuer of the token and its audience (`podrole provider show`), and that the issuer is published',
  ExpiredTokenException: 'check that the token file is renewed, and that the clock is right',
  ExpiredToken: 'check that the token file is renewed, and that the clock is right',
  ValidationError:
    'check that --session-duration is within the MaxSessionDuration of the role, and that the role ARN is right',
  RegionDisabledException: 'activate STS for the region in the account, or give another --region',
  MalformedPolicyDocument: 'correct the session policy',
  PackedPolicyTooLarge: 'shorten the session policy',
};

/**
 * Codes of failures that pass by themselves although their status is below 500. [sts] "Common errors",
 * AssumeRoleWithWebIdentity
 */
const PASSING_CODES = new Set([
  'IDPCommunicationError',
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'RequestTimeout',
  'RequestExpired',
]);

/** Server that answered. */
export interface StsSpeaker {
  /** Action that it was asked for; default: AssumeRoleWithWebIdentity. */
  readonly action?: 'AssumeRoleWithWebIdentity' | 'AssumeRole';
  /** Remedies by the code of STS; default: those of the exchange of a token. */
  readonly remedies?: Readonly<Record<string, string>>;
  /** Name of the STS, for people. */
  readonly object: string;
  /** Secrets that it was sent and may repeat. */
  readonly secrets: readonly string[];
}

export const DEFAULT_ACTION = 'AssumeRoleWithWebIdentity';

/**
 * Makes the error for an answer other than 200. Only status and code decide: AWS changed its messages about
 * July 2026.
 * @param root of the body, if that is XML; radosgw and other servers leave out the outer `ErrorResponse`
 */
export function stsRefusal(
  status: number,
  root: XmlElement | undefined,
  { object, secrets, action = DEFAULT_ACTION, remedies = REMEDY_BY_CODE }: StsSpeaker,
): ExchangeError {
  const { code, message, requestId } = readRefusal(root, secrets);
  const said = [
    code || `HTTP status ${status}`,
    message && `(${message})`,
    requestId && `request ${requestId}`,
  ];
  const problem = `answered ${said.filter(Boolean).join(' ')}`;
  const passes = status >= 500 || status === 429 || status === 408 || PASSING_CODES.has(code);
  const retry: Retry = passes ? 'soon' : 'late';
  if (passes) {
    return new ExchangeError(
      { code: 'STS_FAILED', object, problem, remedy: 'wait: this passes by itself' },
      retry,
    );
  }
  // Without a code of STS, something else refused: a proxy, or a server at a wrong address.
  if (code === '') {
    return new ExchangeError(
      {
        code: 'STS_ANSWER_INVALID',
        object,
        problem: `${problem}, without an error of STS`,
        remedy: 'check that this address is an STS, and that no proxy answers in its place',
      },
      retry,
    );
  }
  const remedy = remedies[code] ?? `see ${action} in the STS API Reference`;
  return new ExchangeError({ code: 'STS_REFUSED', object, problem, remedy }, retry);
}

/** Error of an STS. A part that the answer lacks is empty. */
export interface StsRefusal {
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
}

/** Reads the error in the body of an answer, without the secrets that it repeats. */
export function readRefusal(root: XmlElement | undefined, secrets: readonly string[]): StsRefusal {
  const short = (element: XmlElement | undefined) => shortened(element?.text ?? '', secrets);
  const error = root?.name === 'ErrorResponse' ? elementAt(root, 'Error') : root;
  return {
    code: error?.name === 'Error' ? short(elementAt(error, 'Code')) : '',
    message: short(elementAt(error, 'Message')),
    requestId: short(elementAt(root, 'RequestId') ?? elementAt(error, 'RequestId')),
  };
}

const MAX_SAID_LENGTH = 300;

/** Shortens a server's text to one line of a log. */
function shortened(said: string, secrets: readonly string[]): string {
  const text = redactSecrets(said, secrets)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  return text.length > MAX_SAID_LENGTH ? `${text.slice(0, MAX_SAID_LENGTH)}…` : text;
}
