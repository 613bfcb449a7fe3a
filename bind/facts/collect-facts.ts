import type { IAMClient } from '@aws-sdk/client-iam';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { parseRoleArn } from '../../lib/arn.ts';
import type { DesiredBinding, DesiredProvider } from '../desired/desired.ts';
import type { RoleFacts } from '../iam/iam-facts.ts';
import { IAM_READS_AT_ONCE } from '../iam/open-iam.ts';
import { readRole } from '../iam/read-role.ts';
import type { ServiceAccountFacts } from '../plan/plan-service-account.ts';
import { type CollectedProvider, collectProvider } from '../provider/collect-provider.ts';
import { mapLimited } from './map-limited.ts';
import { readServiceAccount } from './read-service-account.ts';

/** What IAM and the cluster hold of a binding. */
export interface BindingFacts {
  /** Undefined where it is certain that there is none; `elsewhere` in another account, where these credentials can't look. */
  readonly role: RoleFacts | 'elsewhere' | undefined;
  /** Undefined where the binding wants none. */
  readonly serviceAccount: ServiceAccountFacts | undefined;
}

export interface Facts {
  readonly providers: readonly CollectedProvider[];
  /** In the order of the bindings. */
  readonly bindings: readonly BindingFacts[];
}

export interface FactSources {
  readonly iam: IAMClient;
  /** Undefined where no binding wants a ServiceAccount. */
  readonly cluster: ApiClient | undefined;
  readonly signal: AbortSignal;
}

/**
 * Reads everything that a plan rests on, at the same time.
 * @param accountId of the credentials
 * @param thumbprints for a provider that is still to be made; empty: those of the served chain
 * @throws PodroleError where any of it can't be read: unknown is never taken for absent
 */
export async function collectFacts(
  desired: readonly DesiredBinding[],
  providers: readonly DesiredProvider[],
  accountId: string,
  thumbprints: readonly string[],
  { iam, cluster, signal }: FactSources,
): Promise<Facts> {
  const question = { thumbprints, compareServed: false, signal };
  const [ofProviders, ofBindings] = await Promise.all([
    Promise.all(providers.map((provider) => collectProvider(iam, provider, question))),
    mapLimited(
      desired,
      IAM_READS_AT_ONCE,
      async ({ roleArn, serviceAccount: account }): Promise<BindingFacts> => {
        const arn = parseRoleArn(roleArn);
        const [role, serviceAccount] = await Promise.all([
          arn?.account === accountId ? readRole(iam, arn.name) : ('elsewhere' as const),
          account && cluster
            ? readServiceAccount(cluster, account.namespace, account.name, signal)
            : undefined,
        ]);
        return { role, serviceAccount };
      },
    ),
  ]);
  return { providers: ofProviders, bindings: ofBindings };
}
