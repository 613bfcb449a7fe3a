/** Connection that came by the redirect. */
export interface Connection {
  /** Its source, in the form of `normalizeAddress`. */
  readonly address: string;
  /** Time at which it was accepted, by the monotonic clock. */
  readonly acceptedAtMs: number;
}

/**
 * Owner of a connection.
 *
 * - `workload`: certain.
 * - `unclear`: more than one workload may hold the address, or its authority does not answer. Asking again
 *   later can help.
 * - `stranger`: no workload that is served here holds the address.
 */
export type Caller<W> =
  | { readonly kind: 'workload'; readonly workload: W }
  | { readonly kind: 'unclear'; readonly reason: string }
  | { readonly kind: 'stranger'; readonly reason: string };

/** Finds the workload behind a connection, once for each connection: an open one never changes its owner. */
export interface CallerFinder<W> {
  /** Waits for a bounded time until the caller is certain. Never throws. */
  find(connection: Connection, signal: AbortSignal): Promise<Caller<W>>;
}
