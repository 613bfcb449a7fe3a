import { HttpError } from '../lib/http/http-error.ts';

/** Codes of STS, by the HTTP status that each comes with. [sts] "Errors" and "Common errors" */
const STATUS_BY_CODE = {
  InvalidIdentityToken: 400,
  ExpiredTokenException: 400,
  IDPCommunicationError: 400,
  ValidationError: 400,
  InvalidParameterValue: 400,
  PackedPolicyTooLarge: 400,
  MalformedPolicyDocument: 400,
  AccessDenied: 403,
  MissingAction: 400,
  InvalidAction: 400,
  MethodNotAllowed: 405,
  RequestEntityTooLarge: 413,
  MissingAuthenticationToken: 403,
  IncompleteSignature: 400,
  InvalidClientTokenId: 403,
  ExpiredToken: 403,
  SignatureDoesNotMatch: 403,
  InternalFailure: 500,
} as const;

export type StsErrorCode = keyof typeof STATUS_BY_CODE;

/**
 * A refusal as the protocol defines it. The message is AWS's answer to the caller; the detail is only for the
 * log.
 */
export class StsError extends HttpError {
  override readonly name = 'StsError';
  declare readonly code: StsErrorCode;
  /**
   * For the operator, not for the caller: the condition that failed, why the issuer's keys cannot be read.
   */
  readonly detail: string | undefined;

  constructor(code: StsErrorCode, message: string, detail?: string) {
    super(STATUS_BY_CODE[code], code, message);
    this.detail = detail;
  }
}
