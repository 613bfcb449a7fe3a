import { type ServiceAccountSource, toServiceAccountFacts } from '../../identity/service-accounts.ts';
import { type ApiClient, describeAnswer } from '../../kubernetes/api-client.ts';
import { remedyFor } from '../../kubernetes/api-refusal.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { connect } from '../../kubernetes/connect.ts';
import { namespacePath, serviceAccountPath } from '../../kubernetes/core-paths.ts';
import type { ClusterChoice } from '../../kubernetes/kube-config.ts';
import { PodroleError } from '../../lib/errors.ts';
import { isNamespaceName, isObjectName } from '../../lib/kubernetes-names.ts';
import type { Env } from '../../lib/surroundings.ts';
import { type NamespaceSource, toNamespaceFacts } from '../../policy/namespace-facts.ts';

/** Objects of a cluster that decide about pods. */
export interface ClusterObjects {
  readonly serviceAccounts: ServiceAccountSource;
  readonly namespaces: NamespaceSource;
}

/**
 * Opens the ServiceAccounts and Namespaces of a cluster, each read by one GET. The kubeconfig is found as
 * kubectl finds it.
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export function openCluster(
  choice: ClusterChoice,
  annotationPrefix: string,
  env: Env,
  signal: AbortSignal,
): ClusterObjects & { readonly close: () => void } {
  const alternative = '--service-accounts instead of --cluster';
  const client = connect({ ...choice, alternative }, env);
  const lookUp = createLookUp(client, signal);
  return {
    serviceAccounts: {
      find: async (namespace, name) => {
        // No object can have another name.
        if (!isNamespaceName(namespace) || !isObjectName(name)) return undefined;
        const object = `ServiceAccount ${namespace}/${name}`;
        return lookUp(
          { object, path: serviceAccountPath(namespace, name), verb: 'get serviceaccounts' },
          (body) => toServiceAccountFacts(body, annotationPrefix, namespace),
        );
      },
    },
    namespaces: {
      find: async (name) => {
        if (!isNamespaceName(name)) return undefined;
        const object = `Namespace ${name}`;
        return lookUp({ object, path: namespacePath(name), verb: 'get namespaces' }, toNamespaceFacts);
      },
    },
    close: () => client.close(),
  };
}

interface Wanted {
  readonly object: string;
  readonly path: string;
  /** Verb and resource that the user must be allowed. */
  readonly verb: string;
}

function createLookUp(client: Pick<ApiClient, 'get'>, signal: AbortSignal) {
  return async <T>(
    { object, path, verb }: Wanted,
    narrow: (body: unknown) => T | undefined,
  ): Promise<T | undefined> => {
    const answer = await client.get(path, { timeoutMs: CLUSTER_TIMEOUT_MS, signal });
    if (answer.status === 404) return undefined;
    const facts = answer.status === 200 ? narrow(answer.body) : undefined;
    if (facts) return facts;
    throw new PodroleError({
      code: 'LOOKUP_FAILED',
      object,
      problem: `cannot be looked up: the API server ${describeAnswer(answer)}`,
      remedy: remedyFor(answer, `use a kubeconfig whose user may ${verb}, or leave out --cluster`),
    });
  };
}
