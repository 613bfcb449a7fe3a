import { createWarningReporter, type WarningReporter } from '../../kubernetes/events/report-warnings.ts';
import type { WebhookSettings } from '../settings.ts';
import type { MeasuredSurroundings } from '../surroundings.ts';

const NO_EVENTS: WarningReporter = { report: () => {}, reportOne: () => {}, stop: async () => {} };

const WORDS = {
  failed: 'warnings of pods cannot be reported as Events',
  remedy: 'grant create on events, as manifests/base/webhook/rbac.yaml does, or set --events=false',
};

/**
 * Opens what reports warnings about pods as Events on the controllers that create them, which drop admission
 * warnings. Without a cluster, or with `--events=false`, it reports nothing.
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
  return createWarningReporter({
    client,
    clock,
    logger,
    count: metrics.eventOffered,
    source: { component: 'podrole-webhook', reason: 'PodIdentity' },
    words: WORDS,
  });
}
