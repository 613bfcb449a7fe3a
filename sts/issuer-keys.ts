import { KeyObject } from 'node:crypto';
import {
  createLocalJWKSet,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from 'jose';
import { rsaWeakness } from '../oidc/keys/key-strength.ts';

type KeyLookup = ReturnType<typeof createLocalJWKSet>;

/** Finds the key that a token names; throws IssuerFetchError, or jose's `JWKSNoMatchingKey`. */
export type FindKey = (header: JWSHeaderParameters, token: FlattenedJWSInput) => ReturnType<KeyLookup>;

export interface KeyCacheOptions {
  /** Monotonic time in milliseconds, from any origin. */
  readonly now: () => number;
  /** Time for which a fetched key set is used. */
  readonly maxAgeMs?: number;
  /** Minimum time between two fetches for unknown key ids, so that forged tokens do not flood the issuer. */
  readonly coolDownMs?: number;
  /** Time for which a failed fetch is not repeated. Short, since clients retry. */
  readonly failureCoolDownMs?: number;
}

/**
 * Caches one issuer's keys: fetches them at first use, when they are old, and when a token names an unknown
 * key.
 */
export function cacheIssuerKeys(
  fetchKeys: () => Promise<JSONWebKeySet>,
  { now, maxAgeMs = 300_000, coolDownMs = 30_000, failureCoolDownMs = 1_000 }: KeyCacheOptions,
): FindKey {
  let cached: { readonly find: KeyLookup; readonly fetchedAt: number } | undefined;
  let failed: { readonly reason: unknown; readonly at: number } | undefined;
  let refreshing: Promise<KeyLookup> | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;

  const fetchOnce = async (): Promise<KeyLookup> => {
    try {
      askedAt = now();
      const find = createLocalJWKSet(await fetchKeys());
      cached = { find, fetchedAt: now() };
      failed = undefined;
      return find;
    } catch (reason) {
      failed = { reason, at: now() };
      throw reason;
    } finally {
      refreshing = undefined;
    }
  };
  /** Joins a running fetch or starts one. */
  const refresh = (): Promise<KeyLookup> => {
    if (failed && now() - failed.at < failureCoolDownMs) return Promise.reject(failed.reason);
    refreshing ??= fetchOnce();
    return refreshing;
  };

  return async (header, token) => {
    const fresh = cached && now() - cached.fetchedAt < maxAgeMs ? cached.find : undefined;
    const find = fresh ?? (await refresh());
    try {
      return await sound(find, header, token);
    } catch (thrown) {
      const mayBeNewer = fresh && now() - askedAt >= coolDownMs;
      if (!(thrown instanceof errors.JWKSNoMatchingKey) || !(mayBeNewer || refreshing)) throw thrown;
      return await sound(await refresh(), header, token);
    }
  };
}

/** Returns the key that is found, unless it is weak. jose refuses RSA keys below 2048 bits too, but later. */
async function sound(
  find: KeyLookup,
  header: JWSHeaderParameters,
  token: FlattenedJWSInput,
): ReturnType<KeyLookup> {
  const key = await find(header, token);
  const weakness = rsaWeakness(KeyObject.from(key));
  if (weakness !== undefined) throw new Error(weakness);
  return key;
}
