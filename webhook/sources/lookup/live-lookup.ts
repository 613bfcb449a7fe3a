import { type ApiAnswer, type ApiClient, describeAnswer } from '../../../kubernetes/api-client.ts';
import type { Kept } from '../../../kubernetes/watch/by-name.ts';
import { METADATA_PARTS } from '../../../kubernetes/watch/watch-event.ts';
import type { WatchedStore } from '../../../kubernetes/watch/watched-store.ts';
import type { Clock } from '../../../lib/clock.ts';
import { PodroleError } from '../../../lib/errors.ts';
import type { LookupResult } from '../../metrics.ts';
import { AbsentNames } from './absent-names.ts';
import { LookupQueue, LookupRefusedError } from './lookup-queue.ts';
import { createSharedLookup } from './shared-lookup.ts';

/** The kind of object that is looked up. */
export interface LookedUpKind<T> {
  /** `ServiceAccount shop/web` */
  readonly describe: (namespace: string, name: string) => string;
  /** `serviceaccounts` */
  readonly resource: string;
  readonly path: (namespace: string, name: string) => string;
  /** Returns what is kept of an answer; undefined if it is another object. */
  readonly keep: (object: unknown, namespace: string) => T | undefined;
}

export interface LiveLookup<T extends Kept> {
  readonly client: Pick<ApiClient, 'get'>;
  readonly kind: LookedUpKind<T>;
  readonly store: WatchedStore<T>;
  /** `--live-lookup`: ask for objects that the watch does not know (`miss`), or for each pod (`always`). */
  readonly liveLookup: 'miss' | 'always';
  /** Time that an object that does not exist yet may take to appear. */
  readonly gracePeriodMs: number;
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, 'after' | 'monotonicMs'>;
  readonly lookedUp: (result: LookupResult) => void;
}

export type Find<T> = (namespace: string, name: string) => Promise<T | undefined>;

/**
 * Timeout of each of two attempts. Together with `waitMs` below, they stay well within the 5 s timeout in the
 * webhook configuration of podrole.
 */
const LOOKUP_TIMEOUT_MS = 1_000;
/**
 * Only objects that are milliseconds old need a look-up, and it takes milliseconds: 32 at once are thousands
 * per second, and less than a tenth of the requests that an API server serves at once. A slow API server gets
 * fewer.
 */
const LOOKUP_LIMITS = { atOnce: 32, maxWaiting: 1_024, waitMs: 1_500 } as const;
/**
 * Shared lane of all namespaces that the watch does not know: most of them are made up, each with another
 * name.
 */
const UNKNOWN_NAMESPACES = '';

/**
 * Returns a function that finds objects of one kind: those that the watch has brought, else by one GET, so
 * that a pod created together with such an object does not miss it. A failed look-up is an error and is not
 * remembered. A look-up that cannot be made in time is an error too: not knowing an object does not mean that
 * there is none. Names must be valid.
 */
export function createLiveLookup<T extends Kept>(options: LiveLookup<T>): Find<T> {
  const { store, liveLookup, gracePeriodMs } = options;
  const lookUp = createSharedLookup(limitedLookup(options));
  return async (namespace, name) => {
    const known = liveLookup === 'miss' ? store.get(namespace, name) : undefined;
    if (known) return known;
    const join = liveLookup === 'miss' ? 'running' : 'not begun';
    const found = await lookUp(namespace, name, join);
    return found ?? (gracePeriodMs > 0 ? store.waitFor(namespace, name, gracePeriodMs) : undefined);
  };
}

/** Limits the look-ups that run at once, and refuses those that would take the place of others. */
function limitedLookup<T extends Kept>(options: LiveLookup<T>): Find<T> {
  const { store, clock, lookedUp, kind } = options;
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
      throw lookupRefused(kind.describe(namespace, name), thrown);
    }
  };
}

interface Question {
  readonly namespace: string;
  readonly name: string;
  /** Called if the API server does not know the object. */
  readonly onAbsent: () => void;
}

async function ask<T extends Kept>(
  { namespace, name, onAbsent }: Question,
  options: LiveLookup<T>,
): Promise<T | undefined> {
  const { store, kind, lookedUp } = options;
  try {
    const answer = await getPersistently(options, kind.path(namespace, name));
    if (answer.status === 404) {
      lookedUp('absent');
      onAbsent();
      return undefined;
    }
    const kept = answer.status === 200 ? kind.keep(answer.body, namespace) : undefined;
    if (!kept) throw lookupFailed(kind.describe(namespace, name), kind.resource, describeAnswer(answer));
    lookedUp('found');
    return store.offer(kept);
  } catch (thrown) {
    lookedUp('failed');
    throw thrown;
  }
}

/**
 * Asks a second time if the first request fails: it may have gone into a connection that was cut silently,
 * and the pod would start without its role.
 */
async function getPersistently<T extends Kept>(
  { client, signal }: LiveLookup<T>,
  path: string,
): Promise<ApiAnswer> {
  const limits = { timeoutMs: LOOKUP_TIMEOUT_MS, signal, parts: METADATA_PARTS };
  try {
    return await client.get(path, limits);
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return client.get(path, { ...limits, onNewConnection: true });
  }
}

function lookupRefused(object: string, cause: LookupRefusedError): PodroleError {
  return new PodroleError(
    {
      code: 'LOOKUP_REFUSED',
      object,
      problem: `was not looked up: ${cause.message}`,
      remedy:
        'find out who sends so many admission requests; ' +
        'with --client-ca only the API server can (docs/client-certificates.md)',
    },
    { cause },
  );
}

function lookupFailed(object: string, resource: string, problem: string): PodroleError {
  return new PodroleError({
    code: 'LOOKUP_FAILED',
    object,
    problem: `cannot be looked up: the API server ${problem}`,
    remedy:
      'if permission is missing, ' +
      `allow the webhook's ServiceAccount the verb get on ${resource} (ClusterRole)`,
  });
}
