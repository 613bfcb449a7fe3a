import type { Server } from 'node:https';
import { createApiClient } from '../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import type { TlsLimits } from '../../lib/tls/serving-certificate.ts';
import type { WebhookSettings } from '../settings.ts';
import type { MeasuredSurroundings } from '../surroundings.ts';
import { certificateTiming } from './decide/timing.ts';
import { createCertificateKeeper } from './keeper.ts';
import type { IssuedPair } from './objects/issued-pair.ts';
import { mintPair } from './objects/mint.ts';
import { secretStore, webhookConfigurationStore } from './objects/stores.ts';
import type { CertificateSource } from './source.ts';
import type { ChangedObject } from './surroundings.ts';

/**
 * Starts to maintain Secret and MutatingWebhookConfiguration; returns before there is a certificate.
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export function manageCertificate(
  settings: WebhookSettings,
  limits: TlsLimits,
  surroundings: MeasuredSurroundings,
): CertificateSource {
  const { logger, env, metrics } = surroundings;
  const { namespace, serviceName, tlsSecret, webhookConfiguration } = settings;
  const client = createApiClient(loadKubeConfig(settings, env), env);
  const count: Readonly<Record<ChangedObject, () => void>> = {
    secret: metrics.counter(
      'podrole_certificate_writes_total',
      'Changes that this replica made to its Secret',
    ),
    bundle: metrics.counter('podrole_ca_bundle_patches_total', 'Times that this replica changed caBundle'),
  };
  let served: IssuedPair | undefined;
  let server: Pick<Server, 'setSecureContext'> | undefined;
  const keeper = createCertificateKeeper({
    ...surroundings,
    service: { namespace, name: serviceName },
    secretName: tlsSecret,
    secrets: secretStore(client, { namespace, name: tlsSecret }),
    configurations: webhookConfigurationStore(client, webhookConfiguration),
    mint: mintPair,
    timing: certificateTiming(settings.certificateLifetime),
    serve: (pair) => {
      const { cert, key, serialNumber, notAfter } = pair;
      server?.setSecureContext({ ...limits, cert, key });
      served = pair;
      logger.info({ serialNumber, notAfter }, 'certificate served');
    },
    changed: (what) => count[what](),
  });
  const stopping = new AbortController();
  const running = keeper.run(stopping.signal);
  return {
    current: () => served,
    follow: (followed) => {
      server = followed;
      if (served) followed.setSecureContext({ ...limits, cert: served.cert, key: served.key });
    },
    notReady: keeper.notReady,
    stop: async () => {
      stopping.abort();
      await running;
      client.close();
    },
  };
}
