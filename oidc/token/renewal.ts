/** Times at which a token was minted, by both clocks. */
export interface Minting {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** Part of the lifetime after which kubelet renews a token, and its jitter. [k8s] pkg/kubelet/token */
const RENEWED_AFTER = 0.8;
const MAX_JITTER_MS = 10_000;

/**
 * Change of the wall clock after which a token is renewed: the clock was wrong when it was minted, or this
 * machine was suspended since. STS refuses a token whose times differ by more than five minutes.
 */
const CLOCK_STEP_MS = 60_000;

/**
 * Returns how long to wait for the renewal of a token, in milliseconds; 0 or less if it is due.
 * @param random uniform in [0, 1), the same for each call about one token
 */
export function untilRenewalMs(minting: Minting, lifetimeMs: number, now: Minting, random: number): number {
  const elapsedMs = now.monotonicMs - minting.monotonicMs;
  const stepMs = Math.abs(now.wallMs - minting.wallMs - elapsedMs);
  return stepMs > CLOCK_STEP_MS ? 0 : lifetimeMs * RENEWED_AFTER - random * MAX_JITTER_MS - elapsedMs;
}
