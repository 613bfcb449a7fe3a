/** Limits of the waits after failures. */
export interface Backoff {
  /** Longest wait after the first failure; it doubles with each further failure in a row. */
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Returns how long to wait after a failure. Jitter takes off up to half of it, so that clients that failed
 * together do not all come back at the same moment.
 * @param failures in a row, the latest included; 0 counts as 1
 * @param random uniform in [0, 1)
 */
export function backoffMs({ firstMs, longestMs }: Backoff, failures: number, random: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.max(0, failures - 1)) * (0.5 + random / 2);
}
