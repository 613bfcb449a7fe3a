import {
  type ServiceAccountFacts,
  type ServiceAccountSource,
  toServiceAccountFacts,
} from '../../identity/service-accounts.ts';
import { type ApiAnswer, type ApiClient, describeAnswer } from '../../kubernetes/api-client.ts';
import { serviceAccountPath } from '../../kubernetes/core-paths.ts';
import { METADATA_PARTS } from '../../kubernetes/watch/watch-event.ts';
import type { WatchedStore } from '../../kubernetes/watch/watched-store.ts';
import type { Clock } from '../../lib/clock.ts';
import { PodroleError } from '../../lib/errors.ts';
import { isNamespaceName, isObjectName } from '../../lib/kubernetes-names.ts';
import type { LookupResult } from '../metrics.ts';
import { AbsentNames } from './absent-names.ts';
import { LookupQueue, LookupRefusedError } from './lookup-queue.ts';
import { createSharedLookup } from './shared-lookup.ts';

export interface ApiServerSource {
  readonly client: Pick<ApiClient, 'get'>;
  readonly store: WatchedStore<ServiceAccountFacts>;
  readonly annotationPrefix: string;
  /**
   * `--live-lookup`: ask for ServiceAccounts that the watch does not know (`miss`), or for each pod
   * (`always`).
   */
  readonly liveLookup: 'miss' | 'always';
  /** Time that a ServiceAccount that does not exist yet may take to appear. */
  readonly gracePeriodMs: number;
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, 'after' | 'monotonicMs'>;
  readonly lookedUp: (result: LookupResult) => void;
}

/**
 * Timeout of each of two attempts. Together with `waitMs` below, they stay well within the 5 s timeout in the
 * webhook configuration of podrole.
 */
const LOOKUP_TIMEOUT_MS = 1_000;
/**
 * Only ServiceAccounts that are milliseconds old need a look-up, and it takes milliseconds: 32 at once are
 * thousands per second, and less than a tenth of the requests that an API server serves at once. A slow API
 * server gets fewer.
 */
const LOOKUP_LIMITS = { atOnce: 32, maxWaiting: 1_024, waitMs: 1_500 } as const;
/**
 * Shared lane of all namespaces that the watch does not know: most of them are made up, each with another
 * name.
 */
const UNKNOWN_NAMESPACES = '';

/**
 * Creates a source of the ServiceAccounts of an API server: those that the watch has brought, else one GET,
 * so that a pod created together with its ServiceAccount is not missed. A failed look-up is an error and is
 * not remembered. A look-up that cannot be made in time is an error too: not knowing a ServiceAccount does
 * not mean "no role".
 */
export function apiServerSource(options: ApiServerSource): ServiceAccountSource {
  const { store, liveLookup, gracePeriodMs } = options;
  const lookUp = createSharedLookup(limitedLookup(options));
  return {
    find: async (namespace, name) => {
      // No object can have another name, and a valid name is always one segment of a path.
      if (!isNamespaceName(namespace) || !isObjectName(name)) return undefined;
      const known = liveLookup === 'miss' ? store.get(namespace, name) : undefined;
      if (known) return known;
      const join = liveLookup === 'miss' ? 'running' : 'not begun';
      const found = await lookUp(namespace, name, join);
      return found ?? (gracePeriodMs > 0 ? store.waitFor(namespace, name, gracePeriodMs) : undefined);
    },
  };
}

type Lookup = (namespace: string, name: string) => Promise<ServiceAccountFacts | undefined>;

/** Limits the look-ups that run at once, and refuses those that would take the place of others. */
function limitedLookup(options: ApiServerSource): Lookup {
  const { store, clock, lookedUp } = options;
  const queue = new LookupQueue({ ...LOOKUP_LIMITS, after: clock.after });
  const absent = new AbsentNames(clock.monotonicMs);
  return async (namespace, name) => {
    const lane = store.hasNamespace(namespace) ? namespace : UNKNOWN_NAMESPACES;
    try {
      if (queue.isBusy && absent.has(namespace, name) && !store.get(namespace, name)) {
        throw new LookupRefusedError('too many look-ups at once, and a moment ago it did not exist');
      }
      const onAbsent = () => absent.add(namespace, name);
      return await queue.run(lane, () => ask({ namespace, name, onAbsent }, options));
    } catch (thrown) {
      if (!(thrown instanceof LookupRefusedError)) throw thrown;
      lookedUp('refused');
      throw lookupRefused(namespace, name, thrown);
    }
  };
}

interface Question {
  readonly namespace: string;
  readonly name: string;
  /** Called if the API server does not know the ServiceAccount. */
  readonly onAbsent: () => void;
}

async function ask(
  { namespace, name, onAbsent }: Question,
  options: ApiServerSource,
): Promise<ServiceAccountFacts | undefined> {
  const { store, annotationPrefix, lookedUp } = options;
  try {
    const path = serviceAccountPath(namespace, name);
    const answer = await getPersistently(options, path);
    if (answer.status === 404) {
      lookedUp('absent');
      onAbsent();
      return undefined;
    }
    const isFound = answer.status === 200;
    const facts = isFound ? toServiceAccountFacts(answer.body, annotationPrefix, namespace) : undefined;
    if (!facts) throw lookupFailed(namespace, name, describeAnswer(answer));
    lookedUp('found');
    return store.offer(facts);
  } catch (thrown) {
    lookedUp('failed');
    throw thrown;
  }
}

/**
 * Asks a second time if the first request fails: it may have gone into a connection that was cut silently,
 * and the pod would start without its role.
 */
async function getPersistently({ client, signal }: ApiServerSource, path: string): Promise<ApiAnswer> {
  const limits = { timeoutMs: LOOKUP_TIMEOUT_MS, signal, parts: METADATA_PARTS };
  try {
    return await client.get(path, limits);
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return client.get(path, { ...limits, onNewConnection: true });
  }
}

function lookupRefused(namespace: string, name: string, cause: LookupRefusedError): PodroleError {
  return new PodroleError(
    {
      code: 'LOOKUP_REFUSED',
      object: `ServiceAccount ${namespace}/${name}`,
      problem: `was not looked up: ${cause.message}`,
      remedy:
        'find out who sends so many admission requests; ' +
        'with --client-ca only the API server can (docs/client-certificates.md)',
    },
    { cause },
  );
}

function lookupFailed(namespace: string, name: string, problem: string): PodroleError {
  return new PodroleError({
    code: 'LOOKUP_FAILED',
    object: `ServiceAccount ${namespace}/${name}`,
    problem: `cannot be looked up: the API server ${problem}`,
    remedy:
      'if permission is missing, ' +
      "allow the webhook's ServiceAccount the verb get on serviceaccounts (ClusterRole)",
  });
}
