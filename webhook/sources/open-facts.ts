import { NO_CONFIG_MAP_IDENTITIES } from '../../identity/config-map.ts';
import type { IdentitySettings } from '../../identity/settings/identity-settings.ts';
import { memorySource } from '../../identity/sources/memory-source.ts';
import { parseServiceAccounts } from '../../identity/sources/parse-service-accounts.ts';
import { readSettingFile } from '../../lib/settings/settings.ts';
import { judgesRoles } from '../../policy/settings.ts';
import type { WebhookSettings } from '../settings.ts';
import type { FactsSurroundings, IdentityFacts } from './facts.ts';
import { namespacesInFile } from './namespaces-in-file.ts';

/**
 * Opens the file of `--service-accounts`, or starts to follow the cluster.
 * @throws PodroleError if the file or the kubeconfig cannot be used. An API server that cannot be reached is
 * not an error: the webhook is not ready then.
 */
export async function openIdentityFacts(
  settings: WebhookSettings,
  identitySettings: IdentitySettings,
  surroundings: FactsSurroundings,
): Promise<IdentityFacts> {
  if (settings.serviceAccounts === undefined) {
    // The Kubernetes client is half of podrole's memory: it is loaded only if a cluster is used.
    const { followCluster } = await import('./cluster.ts');
    return followCluster(settings, identitySettings, surroundings);
  }
  const origin = `--service-accounts ${settings.serviceAccounts}`;
  const text = readSettingFile('--service-accounts', settings.serviceAccounts);
  const facts = parseServiceAccounts(text, origin, settings.annotationPrefix);
  const namespaces = judgesRoles(settings) ? namespacesInFile(text, origin) : undefined;
  surroundings.logger.info({ serviceAccounts: facts.length }, 'ServiceAccounts loaded');
  return {
    serviceAccounts: memorySource(facts),
    configMap: () => NO_CONFIG_MAP_IDENTITIES,
    namespaces,
    notReady: () => [],
    stop: () => {},
  };
}
