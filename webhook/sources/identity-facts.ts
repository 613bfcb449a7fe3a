import { type ConfigMapIdentities, NO_CONFIG_MAP_IDENTITIES } from '../../identity/config-map.ts';
import { memorySource } from '../../identity/memory.ts';
import type { ServiceAccountSource } from '../../identity/service-accounts.ts';
import { parseServiceAccounts } from '../../identity/yaml-file.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { readSettingFile } from '../../lib/settings/settings.ts';
import type { Env, Random } from '../../lib/surroundings.ts';
import type { WebhookMetrics } from '../metrics.ts';
import type { IdentitySettings, WebhookSettings } from '../settings.ts';

/** Where a running webhook takes ServiceAccounts and the identities of its ConfigMap from. */
export interface IdentityFacts {
  readonly serviceAccounts: ServiceAccountSource;
  /** Throws a PodroleError while it is not known. */
  readonly configMap: () => ConfigMapIdentities;
  /** What is still missing; empty once everything is known. */
  readonly notReady: () => readonly string[];
  readonly stop: () => Promise<void> | void;
}

export interface FactsSurroundings {
  readonly logger: Logger;
  readonly env: Env;
  readonly metrics: WebhookMetrics;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Opens the file of `--service-accounts`, else begins to follow the cluster.
 * @throws PodroleError where the file or the kubeconfig can't be used; an API server that can't be reached is no error, but not ready
 */
export async function openIdentityFacts(
  settings: WebhookSettings,
  identitySettings: IdentitySettings,
  surroundings: FactsSurroundings,
): Promise<IdentityFacts> {
  if (settings.serviceAccounts === undefined) {
    // The Kubernetes client is half of podrole's memory: it is loaded only where a cluster is asked.
    const { followCluster } = await import('./cluster.ts');
    return followCluster(settings, identitySettings, surroundings);
  }
  const origin = `--service-accounts ${settings.serviceAccounts}`;
  const text = readSettingFile('--service-accounts', settings.serviceAccounts);
  const facts = parseServiceAccounts(text, origin, settings.annotationPrefix);
  surroundings.logger.info({ serviceAccounts: facts.length }, 'ServiceAccounts loaded');
  return {
    serviceAccounts: memorySource(facts),
    configMap: () => NO_CONFIG_MAP_IDENTITIES,
    notReady: () => [],
    stop: () => {},
  };
}
