/** A session of the role, as STS gave it. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** From when STS no longer takes it. */
  readonly expiration: Date;
  /** When it was asked for, on this process's clock: `LastUpdated`. */
  readonly obtainedAt: Date;
}

/** The session to serve: fresh, shared by everybody who asks, renewed in the background. */
export interface SessionSource {
  /**
   * A session with at least ten minutes left, or a quarter of its life where that is less. Waits for one that is under way; whoever goes away meanwhile stops nothing.
   * @throws PodroleError with the reason of the last failure where there is none
   */
  current(): Promise<Session>;
}
