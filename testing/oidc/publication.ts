import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { keyId } from '../../oidc/keys/keys.ts';
import type { ServedKey } from '../../oidc/keys/served-key.ts';
import type { PublicationRequest } from '../../oidc/publication/publish.ts';
import type { KeySource } from '../../oidc/sources/key-source.ts';
import { createMemoryTarget } from '../../oidc/targets/memory.ts';

export const PUBLICATION_ISSUER = 'https://oidc.example.com/one';
export const PUBLICATION_PATHS = {
  discovery: '/one/.well-known/openid-configuration',
  jwks: '/one/openid/v1/jwks',
  notes: '/one/.podrole/publication.json',
} as const;

export const DAY_SECONDS = 86_400;

/** Keys of a cluster, created once per test file: creating them takes longer than the tests. */
export function makeKeys(count: number): readonly ServedKey[] {
  return Array.from({ length: count }, () =>
    servedKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey),
  );
}

export function servedKey(publicKey: KeyObject): ServedKey {
  return { kid: keyId(publicKey), publicKey };
}

export function sourceOf(keys: readonly ServedKey[]): KeySource {
  return { name: 'test source', read: async () => keys };
}

/** Returns a request to publish these keys to memory or to another target; `at` is its time in seconds. */
export function publicationOf(
  keys: readonly ServedKey[],
  { at = 0, ...overrides }: Partial<PublicationRequest> & { readonly at?: number } = {},
): PublicationRequest {
  return {
    issuer: PUBLICATION_ISSUER,
    target: createMemoryTarget(),
    source: sourceOf(keys),
    prune: false,
    tokenLifetimeSeconds: DAY_SECONDS,
    x5c: false,
    now: () => new Date(at * 1_000),
    signal: new AbortController().signal,
    ...overrides,
  };
}
