import { redactSecrets } from '../../lib/text/redact.ts';
import { ExchangeError, type Retry } from './exchange-error.ts';
import { elementAt, type XmlElement } from './xml-tree.ts';

const REMEDY_BY_CODE: Readonly<Record<string, string>> = {
  AccessDenied:
    'see that the role exists and that its trust policy names exactly this ServiceAccount and audience; `podrole bind` writes it',
  InvalidIdentityToken:
    'see that IAM has an OIDC provider for the issuer of the token and its audience (`podrole provider show`), and that the issuer is published',
  ExpiredTokenException: 'see that something keeps the token file new, and that the clock is right',
  ExpiredToken: 'see that something keeps the token file new, and that the clock is right',
  ValidationError:
    'see that --session-duration is within the MaxSessionDuration of the role, and that the role ARN is right',
  RegionDisabledException: 'activate STS for the region in the account, or give another --region',
};

/** Codes that pass by themselves although their status is below 500. [sts] "Common errors", AssumeRoleWithWebIdentity */
const PASSING_CODES = new Set([
  'IDPCommunicationError',
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'RequestTimeout',
  'RequestExpired',
]);

/** Who answered. */
export interface StsSpeaker {
  /** Names the STS for a person. */
  readonly object: string;
  /** What it was sent and may repeat. */
  readonly secrets: readonly string[];
}

/**
 * What an answer other than 200 means. AWS changed its messages about July 2026: only status and code decide.
 * @param root of the body, where that is XML; radosgw and other servers leave the outer `ErrorResponse` away
 */
export function stsRefusal(
  status: number,
  root: XmlElement | undefined,
  { object, secrets }: StsSpeaker,
): ExchangeError {
  const short = (element: XmlElement | undefined) => shortened(element?.text ?? '', secrets);
  const error = root?.name === 'ErrorResponse' ? elementAt(root, 'Error') : root;
  const code = error?.name === 'Error' ? short(elementAt(error, 'Code')) : '';
  const message = short(elementAt(error, 'Message'));
  const requestId = short(elementAt(root, 'RequestId') ?? elementAt(error, 'RequestId'));
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
      { code: 'STS_FAILED', object, problem, remedy: 'wait: the sidecar asks again by itself' },
      retry,
    );
  }
  // Without a code of STS it was no STS that refused: a proxy, a wrong address.
  if (code === '') {
    return new ExchangeError(
      {
        code: 'STS_ANSWER_INVALID',
        object,
        problem: `${problem}, without an error of STS`,
        remedy: 'see that this address is an STS, and that no proxy answers in its place',
      },
      retry,
    );
  }
  const remedy = REMEDY_BY_CODE[code] ?? 'see AssumeRoleWithWebIdentity in the STS API Reference';
  return new ExchangeError({ code: 'STS_REFUSED', object, problem, remedy }, retry);
}

const MAX_SAID_LENGTH = 300;

/** What a server said, for one line of a log. */
function shortened(said: string, secrets: readonly string[]): string {
  const text = redactSecrets(said, secrets)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  return text.length > MAX_SAID_LENGTH ? `${text.slice(0, MAX_SAID_LENGTH)}…` : text;
}
