import {
  type ConfigMapIdentities,
  NO_CONFIG_MAP_IDENTITIES,
  parseIdentityConfigMap,
} from '../../identity/config-map.ts';
import type { IdentitySettings } from '../../identity/settings/identity-settings.ts';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import type { Kept } from '../../kubernetes/watch/by-name.ts';
import { Reflector, type WatchTiming } from '../../kubernetes/watch/reflector.ts';
import { WatchedStore } from '../../kubernetes/watch/watched-store.ts';
import { IDENTITY_CONFIG_MAP } from '../../lib/contract/aws-webhook.ts';
import { PodroleError } from '../../lib/errors.ts';
import { asObject, asText } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import type { FactsSurroundings } from './facts.ts';

export interface FollowedConfigMap {
  /**
   * Returns the identities. Throws a PodroleError `CONFIG_MAP_UNKNOWN` until the ConfigMap has been read
   * once.
   */
  readonly current: () => ConfigMapIdentities;
  readonly synced: () => boolean;
  readonly newsAgeMs: () => number | undefined;
  readonly stop: () => Promise<void>;
}

/** Stands in if no ConfigMap is followed. */
export const NO_CONFIG_MAP: FollowedConfigMap = {
  current: () => NO_CONFIG_MAP_IDENTITIES,
  synced: () => true,
  newsAgeMs: () => undefined,
  stop: async () => {},
};

interface KeptConfigMap extends Kept {
  readonly text: string | undefined;
}

/**
 * Follows the ConfigMap `pod-identity-webhook` of a namespace. After its deletion there are no identities;
 * while it cannot be read, the last good ones stay.
 */
export function followConfigMap(
  namespace: string,
  settings: IdentitySettings,
  surroundings: FactsSurroundings & { readonly client: ApiClient; readonly timing: WatchTiming },
): FollowedConfigMap {
  const { metrics, logger } = surroundings;
  const { name } = IDENTITY_CONFIG_MAP;
  const store = new WatchedStore<KeptConfigMap>();
  let identities = NO_CONFIG_MAP_IDENTITIES;
  let readFrom: KeptConfigMap | undefined;

  function read(): void {
    const found = store.get(namespace, name);
    if (found === readFrom) return;
    readFrom = found;
    const parsed = parseIdentityConfigMap(found?.text, settings);
    for (const fault of parsed.faults) logger.warn({ fault }, 'fault in the identity ConfigMap');
    if (parsed.identities) identities = parsed.identities;
    logger.info({ namespace, name, identities: identities.size }, 'identity ConfigMap read');
  }

  const reflector = new Reflector({
    ...surroundings,
    resource: {
      name: 'configmaps',
      path: apiPath('/api/v1', 'namespaces', namespace, 'configmaps'),
      fieldSelector: `metadata.name=${name}`,
      parts: { data: { [IDENTITY_CONFIG_MAP.key]: true } },
    },
    store,
    keep: keepConfigMap,
    onWatch: () => metrics.watchStarted('configmaps'),
    onList: () => metrics.watchListed('configmaps'),
    onChange: read,
  });
  reflector.start();
  return {
    current: () => {
      if (reflector.synced) return identities;
      throw new PodroleError({
        code: 'CONFIG_MAP_UNKNOWN',
        object: `ConfigMap ${namespace}/${name}`,
        problem: 'has not been read yet',
        remedy: 'try again; if this persists, the log says why it cannot be read',
      });
    },
    synced: () => reflector.synced,
    newsAgeMs: () => reflector.newsAgeMs,
    stop: () => reflector.stop(),
  };
}

function keepConfigMap(object: unknown): KeptConfigMap | undefined {
  const configMap = asObject(object);
  const metadata = metadataOf(configMap);
  const name = asText(metadata?.['name']);
  const namespace = asText(metadata?.['namespace']);
  if (!name || !namespace) return undefined;
  const text = asText(asObject(configMap?.['data'])?.[IDENTITY_CONFIG_MAP.key]);
  const resourceVersion = asText(metadata?.['resourceVersion']);
  return { namespace, name, text, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}
