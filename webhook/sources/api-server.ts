import { type ApiAnswer, type ApiClient, describeAnswer } from '../../kubernetes/api-client.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { LookupResult } from '../metrics.ts';
import { keepFacts, type ServiceAccountFacts, type ServiceAccountSource } from '../service-accounts.ts';
import type { WatchedStore } from '../watch/watched-store.ts';
import { createSharedLookup } from './shared-lookup.ts';

export interface ApiServerSource {
  readonly client: Pick<ApiClient, 'get'>;
  readonly store: WatchedStore<ServiceAccountFacts>;
  readonly annotationPrefix: string;
  /** `--live-lookup`: ask for what the watch does not know, or at each pod. */
  readonly liveLookup: 'miss' | 'always';
  /** How long a ServiceAccount that does not exist may take to appear. */
  readonly gracePeriodMs: number;
  readonly signal: AbortSignal;
  readonly lookedUp: (result: LookupResult) => void;
}

/** For each of two attempts; together well within the five seconds that podrole's registration gives the webhook. */
const LOOKUP_TIMEOUT_MS = 1_000;

/**
 * ServiceAccounts of an API server: what the watch has brought, else one GET, so that a pod created together with its ServiceAccount
 * is not missed. A look-up that fails is an error and is not remembered.
 */
export function apiServerSource(options: ApiServerSource): ServiceAccountSource {
  const { client, store, annotationPrefix, liveLookup, gracePeriodMs, signal, lookedUp } = options;

  const lookUp = createSharedLookup(async (namespace, name) => {
    try {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}`;
      const answer = await getPersistently(path);
      if (answer.status === 404) {
        lookedUp('absent');
        return undefined;
      }
      const facts = answer.status === 200 ? keepFacts(answer.body, annotationPrefix, namespace) : undefined;
      if (!facts) throw lookupFailed(namespace, name, describeAnswer(answer));
      lookedUp('found');
      return store.offer(facts);
    } catch (thrown) {
      lookedUp('failed');
      throw thrown;
    }
  });

  /** A second attempt, since the first may have gone into a connection that was cut silently: the pod would go without its role. */
  async function getPersistently(path: string): Promise<ApiAnswer> {
    const limits = { timeoutMs: LOOKUP_TIMEOUT_MS, signal };
    try {
      return await client.get(path, limits);
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      return client.get(path, { ...limits, onNewConnection: true });
    }
  }

  return {
    find: async (namespace, name) => {
      const known = liveLookup === 'miss' ? store.get(namespace, name) : undefined;
      if (known) return known;
      const join = liveLookup === 'miss' ? 'running' : 'not begun';
      const found = await lookUp(namespace, name, join);
      return found ?? (gracePeriodMs > 0 ? store.waitFor(namespace, name, gracePeriodMs) : undefined);
    },
  };
}

function lookupFailed(namespace: string, name: string, problem: string): PodroleError {
  return new PodroleError({
    code: 'LOOKUP_FAILED',
    object: `ServiceAccount ${namespace}/${name}`,
    problem: `can't be looked up: the API server ${problem}`,
    remedy:
      "allow the webhook's ServiceAccount the verb get on serviceaccounts (ClusterRole), if that is what is missing",
  });
}
