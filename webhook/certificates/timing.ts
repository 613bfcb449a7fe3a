/** How long the steps of a certificate's life take. */
export interface CertificateTiming {
  /** How long a pair is valid. */
  readonly lifetimeMs: number;
  /** A pair is renewed when this much of its life is left. */
  readonly renewAheadMs: number;
  /** How often Secret and MutatingWebhookConfiguration are looked at. */
  readonly lookMs: number;
  /** How long the next CA is trusted before its pair is served: every API server must have heard of it by then. */
  readonly settleMs: number;
  /** The same where the current pair is of no use any more. */
  readonly urgentSettleMs: number;
  /** How long a CA that nobody seems to need is trusted on. */
  readonly retireMs: number;
}

/** Steps are shorter than these only where the whole life is short, as in tests. */
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
