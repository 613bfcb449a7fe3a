import { getHeapStatistics } from 'node:v8';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { NAMESPACES_PATH, namespacePath } from '../../kubernetes/core-paths.ts';
import { Reflector, type WatchTiming } from '../../kubernetes/watch/reflector.ts';
import { WatchedStore } from '../../kubernetes/watch/watched-store.ts';
import { isNamespaceName } from '../../lib/kubernetes-names.ts';
import { type NamespaceFacts, type NamespaceSource, toNamespaceFacts } from '../../policy/namespace-facts.ts';
import { RULE_MAX_LENGTH } from '../../policy/rule-limits.ts';
import type { FactsSurroundings } from './facts.ts';
import { createLiveLookup } from './lookup/live-lookup.ts';

export interface FollowedNamespaces {
  /** Undefined if Namespaces are not followed. */
  readonly source: NamespaceSource | undefined;
  readonly synced: () => boolean;
  readonly newsAgeMs: () => number | undefined;
  readonly stop: () => Promise<void>;
}

/** Stands in if no rule is in use. */
export const NO_NAMESPACES: FollowedNamespaces = {
  source: undefined,
  synced: () => true,
  newsAgeMs: () => undefined,
  stop: async () => {},
};

/**
 * A Namespace as the watch keeps it: as if it were an object in itself. So each has its own share of the
 * memory, and its own turn among the look-ups.
 */
interface KeptNamespace extends NamespaceFacts {
  readonly namespace: string;
}

/** Share of the heap for rules: a hundred Namespaces with the longest ones, or thousands of ordinary ones. */
const HEAP_SHARE = 0.05;
const KEPT_BYTES = 320;
const ANNOTATION_BYTES = 64;

export interface NamespaceOptions extends FactsSurroundings {
  readonly client: ApiClient;
  readonly timing: WatchTiming;
  readonly liveLookup: 'miss' | 'always';
  readonly signal: AbortSignal;
}

/**
 * Starts to follow the Namespaces of a cluster, for the rules in their annotations. One that the watch does
 * not know yet is looked up, as a ServiceAccount is; none is waited for, since a pod cannot exist without it.
 */
export function followNamespaces(options: NamespaceOptions): FollowedNamespaces {
  const { metrics } = options;
  const store = new WatchedStore<KeptNamespace>({
    weigh,
    maxBytes: getHeapStatistics().heap_size_limit * HEAP_SHARE,
    onLeftOut: metrics.counter(
      'podrole_namespaces_left_out_total',
      'Times that a Namespace did not fit into the memory for them, and is looked up instead',
    ),
  });
  const reflector = new Reflector({
    ...options,
    resource: { name: 'namespaces', path: NAMESPACES_PATH },
    store,
    keep,
    onWatch: () => metrics.watchStarted('namespaces'),
    onList: () => metrics.watchListed('namespaces'),
  });
  const find = createLiveLookup({
    ...options,
    store,
    gracePeriodMs: 0,
    lookedUp: metrics.lookedUp,
    kind: {
      describe: (_, name) => `Namespace ${name}`,
      resource: 'namespaces',
      path: (_, name) => namespacePath(name),
      keep,
    },
  });
  reflector.start();
  return {
    source: { find: async (name) => (isNamespaceName(name) ? find(name, name) : undefined) },
    synced: () => reflector.synced,
    newsAgeMs: () => reflector.newsAgeMs,
    stop: () => reflector.stop(),
  };
}

function keep(object: unknown): KeptNamespace | undefined {
  const facts = toNamespaceFacts(object);
  if (!facts) return undefined;
  const annotations = Object.fromEntries(
    Object.entries(facts.annotations).map(([key, value]) => [key, withoutItsWhole(value)]),
  );
  return { ...facts, namespace: facts.name, annotations };
}

/** Copies a string that was cut: V8 would keep the whole of it in memory, which a tenant chooses. */
function withoutItsWhole(value: string): string {
  return value.length > RULE_MAX_LENGTH ? Buffer.from(value).toString() : value;
}

/** Estimates the bytes that a kept Namespace takes, with the two maps that hold it. */
function weigh({ name, annotations }: KeptNamespace): number {
  let bytes = KEPT_BYTES + name.length;
  for (const [key, value] of Object.entries(annotations))
    bytes += ANNOTATION_BYTES + key.length + value.length;
  return bytes;
}
