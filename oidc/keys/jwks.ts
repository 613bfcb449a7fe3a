import type { KeyObject } from 'node:crypto';
import { JWKS_MAX_KEYS_PER_TYPE } from '../../lib/contract/sts.ts';
import { PodroleError } from '../../lib/errors.ts';
import { algorithmOf, keyId, type TokenAlgorithm } from './keys.ts';

/** One published key, RFC 7517: `n` and `e` of an RSA key, `crv`, `x` and `y` of an EC key. */
export interface PublishedKey {
  readonly use: 'sig';
  readonly kty: string;
  readonly kid: string;
  readonly alg: TokenAlgorithm;
  readonly n?: string;
  readonly e?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
}

export interface JwksDocument {
  readonly keys: readonly PublishedKey[];
}

/**
 * The key set that an issuer publishes, as kube-apiserver writes it: each key once, in the order given.
 * @throws PodroleError `TOO_MANY_KEYS` if IAM would not read them all, `INVALID_KEY` from algorithmOf
 */
export function jwksDocument(publicKeys: readonly KeyObject[]): JwksDocument {
  const byId = new Map(publicKeys.map((key) => [keyId(key), key]));
  const keys = [...byId].map(([kid, key]) => publishedKey(kid, key));
  refuseTooManyKeys(keys);
  return { keys };
}

/** @throws PodroleError `TOO_MANY_KEYS` if IAM would not read them all */
export function refuseTooManyKeys(keys: readonly { readonly kty?: unknown }[]): void {
  const problem = tooManyKeys(keys);
  if (problem === undefined) return;
  const remedy = 'remove keys whose tokens have all expired';
  throw new PodroleError({ code: 'TOO_MANY_KEYS', object: 'key set', problem, remedy });
}

/** Returns why IAM would not read all keys of a set, as the rest of a sentence; undefined if it does. */
export function tooManyKeys(keys: readonly { readonly kty?: unknown }[]): string | undefined {
  for (const type of ['RSA', 'EC']) {
    const count = keys.filter(({ kty }) => kty === type).length;
    if (count > JWKS_MAX_KEYS_PER_TYPE) {
      return `has ${count} ${type} keys, IAM reads at most ${JWKS_MAX_KEYS_PER_TYPE}`;
    }
  }
  return undefined;
}

/**
 * A key as it is published. Only the named members are copied, so no private member can get into the
 * document.
 * @throws PodroleError `INVALID_KEY` from algorithmOf
 */
export function publishedKey(kid: string, publicKey: KeyObject): PublishedKey {
  const alg = algorithmOf(publicKey);
  const { n = '', e = '', crv = '', x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return alg === 'RS256'
    ? { use: 'sig', kty: 'RSA', kid, alg, n, e }
    : { use: 'sig', kty: 'EC', kid, alg, crv, x, y };
}
