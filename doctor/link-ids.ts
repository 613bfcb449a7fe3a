/** Links of the chain in the order in which they are judged; see links.ts. */
export const LINK_IDS = [
  'annotation',
  'webhook',
  'pod',
  'source',
  'token',
  'api-audience',
  'issuer',
  'discovery',
  'keys',
  'certificate',
  'provider',
  'role',
  'trust-policy',
  'duration',
  'exchange',
  'permissions',
  'target',
] as const;

export type LinkId = (typeof LINK_IDS)[number];
