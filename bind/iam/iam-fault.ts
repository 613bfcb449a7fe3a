import type { FaultCode } from '../../lib/errors/code.ts';
import { type Fault, messageOf, PodroleError } from '../../lib/errors.ts';
import { asObject } from '../../lib/json/json.ts';

/** A call that IAM refused, or that never reached it. */
interface FailedCall {
  /** IAM's name of the operation: `CreateRole`. */
  readonly operation: string;
  /** What it was about: `role shop-web`. */
  readonly object: string;
}

/** Code and remedy by the code of AWS. [iam] API reference, "Common errors" and the errors of each operation */
const KNOWN: readonly (readonly [pattern: RegExp, code: FaultCode, remedy: (call: FailedCall) => string])[] =
  [
    [
      /^(AccessDenied|AccessDeniedException|UnauthorizedOperation)$/,
      'IAM_ACCESS_DENIED',
      ({ operation }) => `allow these credentials iam:${operation} on it, or use others`,
    ],
    [
      /^(InvalidClientTokenId|SignatureDoesNotMatch|ExpiredToken|ExpiredTokenException|UnrecognizedClientException|IncompleteSignature|AuthFailure)$/,
      'INVALID_AWS_CREDENTIALS',
      () => 'use credentials that are valid now; the clock must be right too',
    ],
    [
      /^(CredentialsProviderError|TokenProviderError)$/,
      'NO_AWS_CREDENTIALS',
      () => 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, as for the AWS CLI',
    ],
    [/^NoSuch/, 'NOT_IN_IAM', () => 'check its name and the account, then run again'],
    [
      /^(EntityAlreadyExists|ConcurrentModification)/,
      'CHANGED_MEANWHILE',
      () => 'somebody made or changed it at the same time; run again to plan against what is there now',
    ],
    [/^LimitExceeded/, 'IAM_QUOTA', () => 'have the quota raised, or remove what is no longer needed'],
    [
      /^(Throttling|ThrottlingException|RequestLimitExceeded|TooManyRequestsException|PriorRequestNotComplete)$/,
      'IAM_THROTTLED',
      () => 'run again in a minute: what is done is not done twice',
    ],
    [
      /^(MalformedPolicyDocument|InvalidInput|ValidationError|ValidationException|PolicyNotAttachable)/,
      'IAM_INVALID_INPUT',
      () => 'mend what IAM names, then run again',
    ],
    [
      /^DeleteConflict/,
      'IAM_DELETE_CONFLICT',
      () => 'remove what is still attached to it, instance profiles for one, then run again',
    ],
    [
      /^(MethodNotAllowed|NotImplemented|InvalidAction|UnknownOperationException)$/,
      'IAM_UNSUPPORTED',
      ({ operation }) => `this server has no ${operation}; make that change by its own means`,
    ],
  ];

const UNEXPECTED_REMEDY = 'check AWS_REGION, AWS_ENDPOINT_URL_IAM and the network from here, then run again';

/**
 * The error of a call to IAM as podrole tells it. The SDK has tried several times by then where that could help.
 * @returns a PodroleError; its code is one of the table above or `IAM_UNREACHABLE`
 */
export function iamError(thrown: unknown, call: FailedCall): PodroleError {
  const name = nameOf(thrown);
  const [, code, remedy] = KNOWN.find(([pattern]) => pattern.test(name)) ?? [];
  const fault: Fault = {
    code: code ?? 'IAM_UNREACHABLE',
    object: call.object,
    problem: `iam:${call.operation} failed: ${name}: ${messageOf(thrown)}`,
    remedy: remedy?.(call) ?? UNEXPECTED_REMEDY,
  };
  return new PodroleError(fault, { cause: thrown });
}

/**
 * Whether IAM answered that there is no such thing. A call that failed otherwise says nothing about it.
 * radosgw's errors have another envelope than IAM's, so that the SDK finds no code in them and names them after the status 404.
 */
export function isAbsent(thrown: unknown): boolean {
  return /^(NoSuch|NotFound$)/.test(nameOf(thrown));
}

/** Whether the server has no such call: Ceph's radosgw has a part of IAM only, and says so by 405 or 501. */
export function isUnsupported(thrown: unknown): boolean {
  const status = asObject(asObject(thrown)?.['$metadata'])?.['httpStatusCode'];
  return (
    status === 405 ||
    status === 501 ||
    /^(MethodNotAllowed|NotImplemented|InvalidAction)$/.test(nameOf(thrown))
  );
}

/** Errors that the SDK has a class for end in `Exception`, all others have the name of the wire. */
function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : String(thrown);
}
