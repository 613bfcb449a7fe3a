import { describeProfile } from '../../lib/aws-profile.ts';
import type { FaultCode } from '../../lib/errors/code.ts';
import { type Fault, messageOf, PodroleError } from '../../lib/errors.ts';
import { proxyFaultOf } from '../../lib/http/proxy/proxy-fault.ts';
import { asObject, asText } from '../../lib/json/json.ts';

/** Call that IAM refused, or that did not reach it. */
interface FailedCall {
  /** Name of the operation in IAM: `CreateRole`. */
  readonly operation: string;
  /** Object of the call: `role shop-web`. */
  readonly object: string;
}

/**
 * Code and remedy for each error code of AWS. [iam] API reference, "Common errors" and the errors of each
 * operation
 */
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
    [/^LimitExceeded/, 'IAM_QUOTA', () => 'ask AWS for a higher quota, or remove what is no longer needed'],
    [
      /^(Throttling|ThrottlingException|RequestLimitExceeded|TooManyRequestsException|PriorRequestNotComplete)$/,
      'IAM_THROTTLED',
      () => 'run again in a minute: what is done is not done twice',
    ],
    [
      /^(MalformedPolicyDocument|InvalidInput|ValidationError|ValidationException|PolicyNotAttachable)/,
      'IAM_INVALID_INPUT',
      () => 'correct the value that IAM names, then run again',
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
 * Makes podrole's error for a failed call to IAM. The SDK has already retried the call if a retry could help.
 * @returns a PodroleError; its code is in the table above, `PROXY_FAILED` or `IAM_UNREACHABLE`
 */
export function iamError(thrown: unknown, call: FailedCall): PodroleError {
  const proxyFault = proxyFaultOf(thrown);
  if (proxyFault) return new PodroleError(proxyFault, { cause: thrown });
  const name = nameOf(thrown);
  const [, code, remedy] = KNOWN.find(([pattern]) => pattern.test(name)) ?? [];
  // The SDK reads AWS_PROFILE from the process, whatever environment a command is given.
  const profile = code === 'NO_AWS_CREDENTIALS' ? describeProfile(process.env) : undefined;
  const fault: Fault = {
    code: code ?? 'IAM_UNREACHABLE',
    object: call.object,
    problem: `iam:${call.operation} failed: ${name}: ${messageOf(thrown)}${profile === undefined ? '' : `; ${profile}`}`,
    remedy: remedy?.(call) ?? UNEXPECTED_REMEDY,
  };
  return new PodroleError(fault, { cause: thrown });
}

/**
 * Returns true if IAM answered that the object does not exist. Any other failure leaves that open. The errors
 * of radosgw have another envelope than those of IAM: the SDK does not find their code, and names them after
 * the status 404.
 */
export function isAbsent(thrown: unknown): boolean {
  return /^(NoSuch|NotFound$)/.test(nameOf(thrown));
}

/**
 * Returns true if radosgw answered 404. Ceph 16 answers so to ListRoles of a tenant without roles. Its
 * request IDs begin with tx; a 404 of another server means a wrong address.
 */
export function isAbsentInRadosgw(thrown: unknown): boolean {
  const metadata = asObject(asObject(thrown)?.['$metadata']);
  return (
    isAbsent(thrown) &&
    metadata?.['httpStatusCode'] === 404 &&
    /^tx0/.test(asText(metadata['requestId']) ?? '')
  );
}

/**
 * Returns true if the server does not support the call: Ceph's radosgw supports only a part of IAM, and
 * answers other calls with 405 or 501.
 */
export function isUnsupported(thrown: unknown): boolean {
  const status = asObject(asObject(thrown)?.['$metadata'])?.['httpStatusCode'];
  return (
    status === 405 ||
    status === 501 ||
    /^(MethodNotAllowed|NotImplemented|InvalidAction)$/.test(nameOf(thrown))
  );
}

/**
 * Returns the name of an error. It ends in `Exception` if the SDK has a class for the error; otherwise it is
 * the code in the answer.
 */
function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : String(thrown);
}
