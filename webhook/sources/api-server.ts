import { PodroleError } from '../../lib/errors.ts';
import type { LookupResult } from '../metrics.ts';
import { keepFacts, type ServiceAccountFacts, type ServiceAccountSource } from '../service-accounts.ts';
import { type ApiClient, describeAnswer } from '../watch/api-client.ts';
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

/** Well within the ten seconds that an API server waits for a webhook by default. */
const LOOKUP_TIMEOUT_MS = 2_000;

/**
 * ServiceAccounts of an API server: what the watch has brought, else one GET, so that a pod created together with its ServiceAccount
 * is not missed. A look-up that fails is an error and is not remembered.
 */
export function apiServerSource(options: ApiServerSource): ServiceAccountSource {
  const { client, store, annotationPrefix, liveLookup, gracePeriodMs, signal, lookedUp } = options;

  const lookUp = createSharedLookup(async (namespace, name) => {
    try {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}`;
      const answer = await client.get(path, { timeoutMs: LOOKUP_TIMEOUT_MS, signal });
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
