import type { NodePod } from '../pods/node-pod.ts';

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
 * - `pod`: certain.
 * - `unclear`: more than one pod may hold the address, or the API server does not answer. Asking again later
 *   can help.
 * - `stranger`: no pod of this node holds the address.
 */
export type Caller =
  | { readonly kind: 'pod'; readonly pod: NodePod }
  | { readonly kind: 'unclear'; readonly reason: string }
  | { readonly kind: 'stranger'; readonly reason: string };

/** Finds the pod behind a connection, once for each connection: an open one never changes its owner. */
export interface CallerFinder {
  /** Waits for a bounded time until the caller is certain. Never throws. */
  find(connection: Connection, signal: AbortSignal): Promise<Caller>;
}
