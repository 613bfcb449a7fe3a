import type { ServiceAccountFacts, ServiceAccountSource } from '../identity/service-accounts.ts';
import { connect } from '../kubernetes/connect.ts';
import type { ClusterChoice } from '../kubernetes/kube-config.ts';
import { WatchedStore } from '../kubernetes/watch/watched-store.ts';
import { systemClock } from '../lib/clock.ts';
import type { Env } from '../lib/surroundings.ts';
import { apiServerSource } from '../webhook/sources/api-server.ts';

export interface ClusterAccounts extends ServiceAccountSource {
  readonly close: () => void;
}

/**
 * The ServiceAccounts of a cluster, by one GET each. The kubeconfig is the one that kubectl would take.
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export function openClusterAccounts(
  choice: ClusterChoice,
  annotationPrefix: string,
  env: Env,
  signal: AbortSignal,
): ClusterAccounts {
  const client = connect(choice, env);
  const source = apiServerSource({
    client,
    store: new WatchedStore<ServiceAccountFacts>(),
    annotationPrefix,
    liveLookup: 'always',
    gracePeriodMs: 0,
    signal,
    clock: systemClock,
    lookedUp: () => {},
  });
  return { ...source, close: () => client.close() };
}
