/**
 * Rooms of the product, each with the other rooms that its shipped files may import. ARCHITECTURE.md has a
 * drawing of them.
 */
const PRODUCT = {
  lib: [],
  kubernetes: ['lib'],
  policy: ['lib', 'kubernetes'],
  identity: ['lib', 'policy'],
  pods: ['lib', 'identity'],
  webhook: ['lib', 'kubernetes', 'policy', 'identity', 'pods'],
  inject: ['lib', 'kubernetes', 'policy', 'identity', 'pods'],
  credentials: ['lib'],
  metadata: ['lib', 'credentials'],
  redirect: ['lib'],
  sidecar: ['lib', 'credentials', 'metadata'],
  agent: ['lib', 'kubernetes', 'credentials', 'metadata', 'redirect'],
  docker: ['lib', 'policy', 'credentials', 'metadata', 'redirect'],
  oidc: ['lib', 'kubernetes'],
  sts: ['lib', 'oidc'],
  bind: ['lib', 'kubernetes', 'policy', 'identity', 'oidc', 'sts'],
  'test-pod': ['lib', 'kubernetes', 'identity', 'credentials'],
  up: ['lib', 'kubernetes', 'policy', 'oidc', 'bind'],
  doctor: ['lib', 'kubernetes', 'policy', 'identity', 'pods', 'credentials', 'oidc', 'sts', 'bind'],
  migrate: ['lib', 'kubernetes', 'policy', 'identity', 'pods', 'oidc', 'sts', 'bind', 'doctor'],
  cli: [
    'lib',
    'kubernetes',
    'policy',
    'identity',
    'pods',
    'webhook',
    'inject',
    'credentials',
    'metadata',
    'redirect',
    'sidecar',
    'agent',
    'docker',
    'oidc',
    'sts',
    'bind',
    'test-pod',
    'up',
    'doctor',
    'migrate',
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
