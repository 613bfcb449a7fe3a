import type { ProviderFacts } from '../iam/iam-facts.ts';

/** A provider compared with the needs of the tokens and of the issuer's host. */
export interface DescribedProvider {
  readonly arn: string;
  readonly url: string;
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
  /** Thumbprint of the top certificate of the served chain, or those that were given; empty if unknown. */
  readonly servedThumbprints: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly created: string | undefined;
  /** Reasons why tokens are refused. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Compares a provider with the audiences of the tokens and the chain that the issuer serves.
 * @param served SHA-1 in hex; empty if the chain could not be read
 */
export function describeProvider(
  facts: ProviderFacts,
  audiences: readonly string[],
  served: readonly string[],
  notes: readonly string[],
): DescribedProvider {
  const problems = audiences
    .filter((audience) => !facts.clientIds.includes(audience))
    .map((audience) => `tokens for ${audience} are refused: it is not a client ID`);
  const isServed = served.length === 0 || served.some((print) => facts.thumbprints.includes(print));
  const ofChain = [
    'no thumbprint matches the served chain, which matters if its certificate is not from a public CA',
    'podrole provider ensure adds it',
  ].join('; ');
  return {
    arn: facts.arn,
    url: facts.issuer,
    clientIds: facts.clientIds,
    thumbprints: facts.thumbprints,
    servedThumbprints: served,
    tags: facts.tags,
    created: facts.createdAt?.toISOString(),
    problems,
    notes: [...notes, ...(isServed ? [] : [ofChain])],
  };
}
