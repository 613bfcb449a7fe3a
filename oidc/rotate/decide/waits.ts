import { JWKS_CACHE_SECONDS, TOKEN_EXPIRY_GRACE_SECONDS } from '../../../lib/contract/sts.ts';
import type { RotationState } from '../state/state.ts';

/**
 * Time from which the new key may sign: every key set that STS uses contains it then. Undefined before it is
 * published.
 */
export function switchAllowedFromMs({ publishedAtMs }: RotationState): number | undefined {
  return publishedAtMs === undefined ? undefined : publishedAtMs + JWKS_CACHE_SECONDS * 1_000;
}

/**
 * Time until which STS may receive tokens of the old key. Undefined until every API server was seen to sign
 * with the new key.
 */
export function oldTokensUntilMs(state: RotationState): number | undefined {
  return state.switchedAtMs === undefined ? undefined : state.switchedAtMs + tokenLifeMs(state);
}

/**
 * Time until which STS may receive tokens of the new key after the rotation was given up. Undefined before
 * that.
 */
export function newTokensUntilMs(state: RotationState): number | undefined {
  const { backedOutAtMs, newKeyMaySignSinceMs } = state;
  if (backedOutAtMs === undefined || newKeyMaySignSinceMs === undefined) return backedOutAtMs;
  return backedOutAtMs + tokenLifeMs(state);
}

/** Time from the creation of the longest token to the last moment at which STS accepts it. */
function tokenLifeMs({ tokenLifetimeSeconds }: RotationState): number {
  return (tokenLifetimeSeconds + TOKEN_EXPIRY_GRACE_SECONDS) * 1_000;
}
