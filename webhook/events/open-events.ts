import type { WebhookSettings } from '../settings.ts';
import type { MeasuredSurroundings } from '../surroundings.ts';
import { createWarningReporter, type WarningReporter } from './report-warnings.ts';

const NO_EVENTS: WarningReporter = { report: () => {}, stop: async () => {} };

/**
 * Opens what reports warnings as Events; without a cluster, or with `--events=false`, it reports nothing.
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export async function openEvents(
  settings: WebhookSettings,
  { env, clock, logger, metrics }: MeasuredSurroundings,
): Promise<WarningReporter> {
  if (!settings.events || settings.serviceAccounts !== undefined) return NO_EVENTS;
  // The Kubernetes client is half of podrole's memory: it is loaded only if a cluster is used.
  const [{ createApiClient }, { loadKubeConfig }] = await Promise.all([
    import('../../kubernetes/api-client.ts'),
    import('../../kubernetes/kube-config.ts'),
  ]);
  const alternative = '--service-accounts to work without a cluster';
  const client = createApiClient(loadKubeConfig({ ...settings, alternative }, env));
  return createWarningReporter({ client, clock, logger, count: metrics.eventOffered });
}
