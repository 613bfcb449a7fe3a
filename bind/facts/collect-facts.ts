import type { IAMClient } from '@aws-sdk/client-iam';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { hasTrustPolicy, parseRoleArn } from '../../lib/arn.ts';
import type { Env, Progress } from '../../lib/surroundings.ts';
import type { DesiredBinding, DesiredProvider } from '../desired/desired.ts';
import type { RoleFacts } from '../iam/iam-facts.ts';
import { IAM_READS_AT_ONCE } from '../iam/open-iam.ts';
import { type PolicyFacts, readPolicy } from '../iam/read-policy.ts';
import { readRole } from '../iam/read-role.ts';
import { readTargetRole, type TargetRoleFacts } from '../iam/read-target-role.ts';
import type { TargetIam } from '../iam/target-iam.ts';
import { type CollectedProvider, collectProvider } from './collect-provider.ts';
import { mapLimited } from './map-limited.ts';
import { readServiceAccount } from './read-service-account.ts';
import type { ServiceAccountFacts } from './service-account-facts.ts';

/** State of a binding in IAM and the cluster. */
export interface BindingFacts {
  /**
   * Undefined if IAM says that it does not exist; `elsewhere` if it is in an account that these credentials
   * cannot read, or in MinIO, which has no IAM.
   */
  readonly role: RoleFacts | 'elsewhere' | undefined;
  /** Target role; `elsewhere` as above. Undefined if it does not exist in IAM, or none is asked for. */
  readonly target?: TargetRoleFacts | 'elsewhere' | undefined;
  /** Undefined if the binding wants no ServiceAccount. */
  readonly serviceAccount: ServiceAccountFacts | undefined;
}

export interface Facts {
  readonly providers: readonly CollectedProvider[];
  /** In the order of the bindings. */
  readonly bindings: readonly BindingFacts[];
  /** Managed policies and boundaries that roles should get and do not have. */
  readonly policies: readonly PolicyFacts[];
}

export interface FactQuestion {
  readonly bindings: readonly DesiredBinding[];
  readonly providers: readonly DesiredProvider[];
  /** Account of the credentials. */
  readonly accountId: string;
  /** For a provider that does not exist yet; empty: those of the served chain. */
  readonly thumbprints: readonly string[];
}

export interface FactSources {
  readonly iam: IAMClient;
  /** Account of `--target-profile`; left out if it is not given. */
  readonly targetIam?: TargetIam | undefined;
  /** Undefined if no binding wants a ServiceAccount. */
  readonly cluster: ApiClient | undefined;
  /** Names the proxies. */
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * Reads everything that a plan rests on, several objects at a time.
 * @throws PodroleError if a part cannot be read: unknown is never taken for absent
 */
export async function collectFacts(
  { bindings, providers, accountId, thumbprints }: FactQuestion,
  { iam, targetIam, cluster, env, signal, progress }: FactSources,
): Promise<Facts> {
  const question = { thumbprints, compareServed: false, signal, way: { env } };
  const [ofProviders, ofBindings] = await Promise.all([
    Promise.all(providers.map((provider) => collectProvider(iam, provider, question))),
    mapLimited(
      bindings,
      IAM_READS_AT_ONCE,
      async ({ roleArn, target: asked, serviceAccount: account }): Promise<BindingFacts> => {
        const arn = parseRoleArn(roleArn);
        const [role, target, serviceAccount] = await Promise.all([
          arn?.account === accountId && hasTrustPolicy(arn)
            ? readRole(iam, arn.name)
            : ('elsewhere' as const),
          asked && readTargetRole(asked.roleArn, { iam, accountId, targetIam }),
          account && cluster
            ? readServiceAccount(cluster, account.namespace, account.name, signal)
            : undefined,
        ]);
        return { role, target, serviceAccount };
      },
      (done) => progress.show('reading bindings', done, bindings.length),
    ),
  ]);
  const missing = new Set(bindings.flatMap((binding, at) => missingPolicies(binding, ofBindings[at]?.role)));
  const policies = await mapLimited(
    [...missing],
    IAM_READS_AT_ONCE,
    (arn) => readPolicy(iam, arn),
    (done) => progress.show('reading policies', done, missing.size),
  );
  return { providers: ofProviders, bindings: ofBindings, policies };
}

function missingPolicies({ role }: DesiredBinding, found: BindingFacts['role']): readonly string[] {
  if (!role) return [];
  const { attachedPolicyArns = [], permissionsBoundary } = found === 'elsewhere' ? {} : (found ?? {});
  const { permissionsBoundary: boundary } = role;
  return [
    ...role.attachedPolicyArns.filter((arn) => !attachedPolicyArns.includes(arn)),
    ...(boundary === undefined || boundary === permissionsBoundary ? [] : [boundary]),
  ];
}
