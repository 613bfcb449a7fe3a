/** Error that is meant for the client. Every other error is answered as an internal one, without details. */
export class HttpError extends Error {
  readonly status: number;
  /** Stable, for clients: `NOT_FOUND`. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
