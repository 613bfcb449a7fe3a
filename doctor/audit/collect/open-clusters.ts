import type { ApiClient } from '../../../kubernetes/api-client.ts';
import { clusterNames, connect } from '../../../kubernetes/connect.ts';
import { isMadeUp } from '../../../kubernetes/kube-config.ts';
import type { Env } from '../../../lib/surroundings.ts';
import type { AuditSettings } from '../settings.ts';

export interface OpenCluster {
  /** Empty within a pod, and for an address without a kubeconfig. */
  readonly context: string;
  readonly client: ApiClient;
}

/**
 * Opens the clusters that the settings name: each context once, or the current one.
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export function openClusters(settings: AuditSettings, env: Env): readonly OpenCluster[] {
  const { kubeconfig, kubeApi } = settings;
  const contexts = settings.context.length > 0 ? [...new Set(settings.context)] : [undefined];
  // All names first: a misspelt one must not leave the others open.
  const choices = contexts.map((context) => {
    const choice = { kubeconfig, kubeApi, context };
    const { context: name } = clusterNames(choice, env);
    return { choice, context: isMadeUp(name) ? '' : name };
  });
  return choices.map(({ choice, context }) => ({ context, client: connect(choice, env) }));
}
