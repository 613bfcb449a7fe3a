import type { IAMClient } from '@aws-sdk/client-iam';
import { collectProvider } from '../bind/facts/collect-provider.ts';
import type { AwsAccount } from '../bind/iam/account.ts';
import { providerArnOf } from '../bind/names.ts';
import { planProvider } from '../bind/plan/plan-provider.ts';
import { EMPTY_PLAN, joinPlans, type Plan } from '../bind/plan/plan-step.ts';
import { DEFAULT_TOKEN_AUDIENCE } from '../lib/contract/aws-webhook.ts';
import { faultCodeOf } from '../lib/errors.ts';
import type { Env } from '../lib/surroundings.ts';
import type { IssuerEndpoint } from '../oidc/verify/fetch-answer.ts';

export interface ProviderTools {
  readonly iam: IAMClient;
  readonly account: AwsAccount;
  readonly thumbprints: readonly string[];
  readonly endpoint: IssuerEndpoint;
  readonly env: Env;
  readonly signal: AbortSignal;
}

/**
 * Plans the OIDC provider of the issuer: an existing one only gets what it lacks.
 * @param isServed false: the issuer's documents are still to be published, and perhaps its site too, so that
 * its certificate may be out of reach
 * @throws PodroleError `ISSUER_UNREACHABLE`; see iam-fault.ts
 */
export async function planProviderPart(tools: ProviderTools, isServed: boolean): Promise<Plan> {
  const { iam, account, thumbprints: given, endpoint, env, signal } = tools;
  const { issuer, connectTo } = endpoint;
  const desired = { arn: providerArnOf(issuer, account), issuer, clientIds: [DEFAULT_TOKEN_AUDIENCE] };
  const options = { desired, tags: {}, prune: false };
  try {
    const way = { env, connectTo };
    const found = await collectProvider(iam, desired, {
      thumbprints: given,
      compareServed: true,
      signal,
      way,
    });
    const plan = planProvider({ ...options, thumbprints: found.thumbprints }, found.facts, found.accountArns);
    return joinPlans([plan, { ...EMPTY_PLAN, notes: found.notes }]);
  } catch (thrown) {
    if (isServed || faultCodeOf(thrown) !== 'ISSUER_UNREACHABLE') throw thrown;
    const note = 'the thumbprint of the OIDC provider is read once the issuer is served';
    return joinPlans([
      planProvider({ ...options, thumbprints: [] }, undefined, []),
      { ...EMPTY_PLAN, notes: [note] },
    ]);
  }
}
