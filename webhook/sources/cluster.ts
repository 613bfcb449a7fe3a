import { getHeapStatistics } from 'node:v8';
import {
  type ServiceAccountFacts,
  toServiceAccountFacts,
  weighFacts,
} from '../../identity/service-accounts.ts';
import type { IdentitySettings } from '../../identity/settings/identity-settings.ts';
import { type ApiClient, createApiClient } from '../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { Reflector, type WatchTiming } from '../../kubernetes/watch/reflector.ts';
import { WatchedStore } from '../../kubernetes/watch/watched-store.ts';
import type { Backoff } from '../../lib/backoff.ts';
import { IDENTITY_CONFIG_MAP } from '../../lib/contract/aws-webhook.ts';
import { judgesRoles } from '../../policy/settings.ts';
import type { WebhookMetrics } from '../metrics.ts';
import type { WebhookSettings } from '../settings.ts';
import { apiServerSource } from './api-server.ts';
import { type FollowedConfigMap, followConfigMap, NO_CONFIG_MAP } from './config-map.ts';
import type { FactsSurroundings, IdentityFacts } from './facts.ts';
import { type FollowedNamespaces, followNamespaces, NO_NAMESPACES } from './namespaces.ts';

/**
 * `--resync-period=0` turns renewal off in the AWS webhook, but a watch that is never renewed can die
 * unnoticed.
 */
const LONGEST_WATCH_SECONDS = 300;
/**
 * An API server sends a bookmark about each minute. This allows for two missing ones, and some seconds for
 * the network.
 */
const SILENCE_MS = { most: 120_000, margin: 10_000 };
const LIST_SILENCE_MS = 10_000;
const BACKOFF: Backoff = { firstMs: 1_000, longestMs: 30_000 };
/**
 * Share of the heap for the facts of ServiceAccounts. During a list it can hold them twice, if all have
 * changed.
 */
const HEAP_SHARE = 0.15;

/**
 * Starts to follow the ServiceAccounts of a cluster and, if configured, the ConfigMap; returns before they
 * are known.
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export function followCluster(
  settings: WebhookSettings,
  identitySettings: IdentitySettings,
  surroundings: FactsSurroundings,
): IdentityFacts {
  const { logger, env, metrics } = surroundings;
  const { annotationPrefix, liveLookup, serviceAccountLookupGracePeriod: gracePeriodMs } = settings;
  const alternative = '--service-accounts to work without a cluster';
  const client = createApiClient(loadKubeConfig({ ...settings, alternative }, env), env);
  const timing = watchTiming(settings.resyncPeriod);
  const stopping = new AbortController();
  const store = new WatchedStore<ServiceAccountFacts>({
    weigh: weighFacts,
    maxBytes: getHeapStatistics().heap_size_limit * HEAP_SHARE,
    onLeftOut: metrics.counter(
      'podrole_service_accounts_left_out_total',
      'Times that a ServiceAccount did not fit into the memory for them, and is looked up instead',
    ),
  });
  const reflector = new Reflector({
    ...surroundings,
    client,
    resource: { name: 'serviceaccounts', path: '/api/v1/serviceaccounts' },
    store,
    keep: (object) => toServiceAccountFacts(object, annotationPrefix),
    timing,
    onWatch: () => metrics.watchStarted('serviceaccounts'),
    onList: () => metrics.watchListed('serviceaccounts'),
  });
  const configMap = settings.watchConfigMap
    ? followConfigMap(settings.namespace, identitySettings, { ...surroundings, client, timing })
    : NO_CONFIG_MAP;
  const namespaces = judgesRoles(settings)
    ? followNamespaces({ ...surroundings, client, timing, liveLookup, signal: stopping.signal })
    : NO_NAMESPACES;
  const followed = { reflector, configMap, namespaces };
  reflector.start();
  addGauges(metrics, { ...followed, store });
  logger.info({ liveLookup, watchConfigMap: settings.watchConfigMap }, 'following the cluster');
  return {
    serviceAccounts: apiServerSource({
      client,
      store,
      annotationPrefix,
      liveLookup,
      gracePeriodMs,
      signal: stopping.signal,
      clock: surroundings.clock,
      lookedUp: metrics.lookedUp,
    }),
    configMap: configMap.current,
    namespaces: namespaces.source,
    notReady: () => [
      ...(reflector.synced ? [] : ['ServiceAccounts not listed yet']),
      ...(configMap.synced() ? [] : [`ConfigMap ${IDENTITY_CONFIG_MAP.name} not read yet`]),
      ...(namespaces.synced() ? [] : ['Namespaces not listed yet']),
    ],
    stop: () => stopAll({ ...followed, stopping, client }),
  };
}

interface Followed {
  readonly reflector: Reflector<ServiceAccountFacts>;
  readonly configMap: FollowedConfigMap;
  readonly namespaces: FollowedNamespaces;
}

async function stopAll({
  reflector,
  configMap,
  namespaces,
  stopping,
  client,
}: Followed & { readonly stopping: AbortController; readonly client: ApiClient }): Promise<void> {
  stopping.abort();
  await Promise.all([reflector.stop(), configMap.stop(), namespaces.stop()]);
  client.close();
}

/**
 * Returns the timing of a watch.
 * @param resyncPeriodMs duration of one watch request; 0: as long as is safe
 */
function watchTiming(resyncPeriodMs: number): WatchTiming {
  const requestSeconds = resyncPeriodMs > 0 ? Math.ceil(resyncPeriodMs / 1000) : LONGEST_WATCH_SECONDS;
  return {
    requestSeconds,
    silenceMs: Math.min(requestSeconds * 1000, SILENCE_MS.most) + SILENCE_MS.margin,
    listSilenceMs: LIST_SILENCE_MS,
    backoff: BACKOFF,
  };
}

function addGauges(
  metrics: WebhookMetrics,
  {
    store,
    reflector,
    configMap,
    namespaces,
  }: Followed & { readonly store: WatchedStore<ServiceAccountFacts> },
): void {
  const ageHelp = 'Seconds since the last list, event or bookmark of a watch';
  metrics.gauge('podrole_watch_age_seconds', ageHelp, ['resource'], () =>
    [
      { resource: 'serviceaccounts', ageMs: reflector.newsAgeMs },
      { resource: 'configmaps', ageMs: configMap.newsAgeMs() },
      { resource: 'namespaces', ageMs: namespaces.newsAgeMs() },
    ].flatMap(({ resource, ageMs }) =>
      ageMs === undefined ? [] : { labels: { resource }, value: ageMs / 1000 },
    ),
  );
  metrics.gauge(
    'podrole_service_accounts',
    'ServiceAccounts known, and of these annotated',
    ['state'],
    () => {
      let annotated = 0;
      for (const { annotations } of store.values()) if (Object.keys(annotations).length > 0) annotated += 1;
      return [
        { labels: { state: 'known' }, value: store.size },
        { labels: { state: 'annotated' }, value: annotated },
      ];
    },
  );
}
