import type { IAMClient } from '@aws-sdk/client-iam';
import { messageOf } from '../../lib/errors.ts';
import type { IssuerWay } from '../../oidc/verify/served-chain.ts';
import { normalThumbprint } from '../ask/thumbprint.ts';
import type { DesiredProvider } from '../desired/desired.ts';
import type { ProviderFacts } from '../iam/iam-facts.ts';
import { listProviderArns, readProvider } from '../iam/read-provider.ts';
import { servedThumbprint } from './served-thumbprint.ts';

export interface ProviderQuestion {
  /** SHA-1 in hex; empty: that of the chain that the issuer's host serves. */
  readonly thumbprints: readonly string[];
  /** Reads the served chain even if the provider exists. */
  readonly compareServed: boolean;
  readonly signal: AbortSignal;
  readonly way: IssuerWay;
}

/** Facts that a plan for one provider rests on. */
export interface CollectedProvider {
  readonly desired: DesiredProvider;
  readonly facts: ProviderFacts | undefined;
  /** ARNs of the account's providers; empty if the plan does not need them. */
  readonly accountArns: readonly string[];
  readonly thumbprints: readonly string[];
  /** Reason why an existing provider's thumbprints were not compared. */
  readonly notes: readonly string[];
}

/**
 * Reads a provider, the other providers of the account, and the chain that its issuer serves.
 * @throws PodroleError `ISSUER_UNREACHABLE` if the provider is missing and no thumbprint is given; see
 * iam-fault.ts
 */
export async function collectProvider(
  iam: IAMClient,
  desired: DesiredProvider,
  question: ProviderQuestion,
): Promise<CollectedProvider> {
  const { signal, way, compareServed } = question;
  const given = question.thumbprints.map(normalThumbprint);
  const facts = await readProvider(iam, desired.arn);
  const accountArns = !facts || compareServed ? await listProviderArns(iam) : [];
  if (given.length > 0 || (facts && !compareServed)) {
    return { desired, facts, accountArns, thumbprints: given, notes: [] };
  }
  try {
    const thumbprints = [await servedThumbprint(desired.issuer, signal, way)];
    return { desired, facts, accountArns, thumbprints, notes: [] };
  } catch (thrown) {
    if (!facts) throw thrown;
    const notes = [`thumbprints are left as they are: ${messageOf(thrown)}`];
    return { desired, facts, accountArns, thumbprints: [], notes };
  }
}
