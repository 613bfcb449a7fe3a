/** Durations in the life of a certificate. */
export interface CertificateTiming {
  /** Time for which a pair is valid. */
  readonly lifetimeMs: number;
  /** Rest of its life at which a pair is renewed. */
  readonly renewAheadMs: number;
  /** Time between two looks at Secret and MutatingWebhookConfiguration. */
  readonly lookMs: number;
  /**
   * Time for which the next CA is trusted before its pair is served: every API server must know of it by
   * then.
   */
  readonly settleMs: number;
  /** The same if the current pair is no longer usable. */
  readonly urgentSettleMs: number;
  /** Time for which an apparently unused CA stays in caBundle. */
  readonly retireMs: number;
}

/**
 * Returns the durations. They are shorter than these constants only if the whole life is short, as in tests.
 */
export function certificateTiming(lifetimeMs: number): CertificateTiming {
  return {
    lifetimeMs,
    renewAheadMs: lifetimeMs / 3,
    lookMs: Math.min(5_000, lifetimeMs / 24),
    settleMs: Math.min(10_000, lifetimeMs / 12),
    urgentSettleMs: Math.min(2_000, lifetimeMs / 24),
    retireMs: Math.min(3_600_000, lifetimeMs / 3),
  };
}
