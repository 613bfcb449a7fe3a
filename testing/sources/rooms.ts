/**
 * Rooms of the product, each with the other rooms that its shipped files may import. ARCHITECTURE.md has a
 * drawing of them.
 */
const PRODUCT = {
  lib: [],
  kubernetes: ['lib'],
  identity: ['lib'],
  pods: ['lib', 'identity'],
  webhook: ['lib', 'kubernetes', 'identity', 'pods'],
  inject: ['lib', 'kubernetes', 'identity', 'pods'],
  credentials: ['lib'],
  metadata: ['lib', 'credentials'],
  redirect: ['lib'],
  sidecar: ['lib', 'credentials', 'metadata'],
  oidc: ['lib', 'kubernetes'],
  sts: ['lib', 'oidc'],
  bind: ['lib', 'kubernetes', 'identity', 'oidc', 'sts'],
  'test-pod': ['lib', 'kubernetes', 'identity', 'credentials'],
  up: ['lib', 'kubernetes', 'oidc', 'bind'],
  cli: [
    'lib',
    'kubernetes',
    'identity',
    'pods',
    'webhook',
    'inject',
    'credentials',
    'metadata',
    'redirect',
    'sidecar',
    'oidc',
    'sts',
    'bind',
    'test-pod',
    'up',
  ],
} satisfies Readonly<Record<string, readonly string[]>>;

/** Rooms of the product. */
export const PRODUCT_ROOMS: readonly string[] = Object.keys(PRODUCT);

/** Every room. Files that are not shipped may import all rooms of the product. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  ...PRODUCT,
  image: ['lib'],
  release: ['lib'],
  testing: PRODUCT_ROOMS,
  examples: [...PRODUCT_ROOMS, 'testing'],
  bench: [...PRODUCT_ROOMS, 'testing'],
  e2e: [...PRODUCT_ROOMS, 'testing'],
  manifests: [],
  docs: [],
};
