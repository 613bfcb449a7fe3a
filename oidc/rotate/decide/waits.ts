import { JWKS_CACHE_SECONDS, TOKEN_EXPIRY_GRACE_SECONDS } from '../../../lib/contract/sts.ts';
import type { RotationState } from '../state/state.ts';

/** From when the new key may sign: by then STS has fetched a key set that holds it. Undefined before it is published. */
export function switchAllowedFromMs({ publishedAtMs }: RotationState): number | undefined {
  return publishedAtMs === undefined ? undefined : publishedAtMs + JWKS_CACHE_SECONDS * 1_000;
}

/** Until when STS may be sent a token of the old key. Undefined before every API server was seen to sign with the new one. */
export function oldTokensUntilMs(state: RotationState): number | undefined {
  return state.switchedAtMs === undefined ? undefined : state.switchedAtMs + tokenLifeMs(state);
}

/** Until when STS may be sent a token of the new key after the rotation was given up. Undefined before that. */
export function newTokensUntilMs(state: RotationState): number | undefined {
  const { backedOutAtMs, newKeyMaySignSinceMs } = state;
  if (backedOutAtMs === undefined || newKeyMaySignSinceMs === undefined) return backedOutAtMs;
  return backedOutAtMs + tokenLifeMs(state);
}

/** From the minting of the longest token to the last moment at which STS accepts it. */
function tokenLifeMs({ tokenLifetimeSeconds }: RotationState): number {
  return (tokenLifetimeSeconds + TOKEN_EXPIRY_GRACE_SECONDS) * 1_000;
}
