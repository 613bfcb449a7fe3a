import type { IdentityFacts } from './identity-facts.ts';
export function followCluster(..._all: unknown[]): IdentityFacts {
  throw new Error('not yet');
}
