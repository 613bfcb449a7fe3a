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
  /** Milliseconds, from any origin, that never go backwards. */
  readonly now: () => number;
  /** How long a fetched key set is used. */
  readonly maxAgeMs?: number;
  /** Least time between two fetches that unknown key ids cause: tokens that nobody signed must not hammer the issuer. */
  readonly coolDownMs?: number;
  /** How long a failed fetch answers for the next ones: short, since clients are told to retry. */
  readonly failureCoolDownMs?: number;
}

/** Keys of one issuer, fetched when first needed, when they are old, and when a token names a key that is not among them. */
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
  /** One fetch at a time, whoever waits for it. */
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

/** The key that is found, unless it is one that anybody could sign for. jose itself refuses RSA keys below 2048 bits, but later. */
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
