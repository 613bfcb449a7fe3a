/** Session of the role, as STS gave it. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** End of the session: STS no longer accepts it. */
  readonly expiration: Date;
  /** Time of the request, by the clock of this process: `LastUpdated`. */
  readonly obtainedAt: Date;
}

/** Source of the session to serve: fresh, shared by all callers, renewed in the background. */
export interface SessionSource {
  /**
   * Returns a session with at least ten minutes left, or a quarter of its life if that is less. Waits for an
   * exchange that is under way. A caller that goes away does not stop the exchange.
   * @throws PodroleError with the reason of the last failure if there is no session
   */
  current(): Promise<Session>;
}
