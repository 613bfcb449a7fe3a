import { type ServiceAccountSource, toServiceAccountFacts } from '../identity/service-accounts.ts';
import { type ApiClient, describeAnswer } from '../kubernetes/api-client.ts';
import { remedyFor } from '../kubernetes/api-refusal.ts';
import { CLUSTER_TIMEOUT_MS } from '../kubernetes/command-timeout.ts';
import { connect } from '../kubernetes/connect.ts';
import { serviceAccountPath } from '../kubernetes/core-paths.ts';
import type { ClusterChoice } from '../kubernetes/kube-config.ts';
import { PodroleError } from '../lib/errors.ts';
import { isNamespaceName, isObjectName } from '../lib/kubernetes-names.ts';
import type { Env } from '../lib/surroundings.ts';

export interface ClusterAccounts extends ServiceAccountSource {
  readonly close: () => void;
}

/**
 * Opens the ServiceAccounts of a cluster, each read by one GET. The kubeconfig is found as kubectl finds it.
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export function openClusterAccounts(
  choice: ClusterChoice,
  annotationPrefix: string,
  env: Env,
  signal: AbortSignal,
): ClusterAccounts {
  const alternative = '--service-accounts instead of --cluster';
  const client = connect({ ...choice, alternative }, env);
  return { ...clusterAccounts(client, annotationPrefix, signal), close: () => client.close() };
}

function clusterAccounts(
  client: Pick<ApiClient, 'get'>,
  annotationPrefix: string,
  signal: AbortSignal,
): ServiceAccountSource {
  return {
    find: async (namespace, name) => {
      // No object can have another name.
      if (!isNamespaceName(namespace) || !isObjectName(name)) return undefined;
      const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal };
      const answer = await client.get(serviceAccountPath(namespace, name), limits);
      if (answer.status === 404) return undefined;
      const facts =
        answer.status === 200 ? toServiceAccountFacts(answer.body, annotationPrefix, namespace) : undefined;
      if (facts) return facts;
      throw new PodroleError({
        code: 'LOOKUP_FAILED',
        object: `ServiceAccount ${namespace}/${name}`,
        problem: `cannot be looked up: the API server ${describeAnswer(answer)}`,
        remedy: remedyFor(
          answer,
          'use a kubeconfig whose user may get serviceaccounts, or leave out --cluster',
        ),
      });
    },
  };
}
