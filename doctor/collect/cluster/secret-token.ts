/** A token that no log, JSON or inspection shows. */
export class SecretToken {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  /** Returns the token, only to send it or to verify it. */
  reveal(): string {
    return this.#token;
  }

  toJSON(): string {
    return '[redacted]';
  }

  toString(): string {
    return '[redacted]';
  }
}
