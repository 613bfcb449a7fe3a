import { loadServingCertificate, type TlsLimits } from '../../lib/tls/serving-certificate.ts';
import type { WebhookSettings } from '../settings.ts';
import type { MeasuredSurroundings } from '../surroundings.ts';
import type { CertificateSource } from './source.ts';

/**
 * Opens the files of `--tls-cert` and `--tls-key`, or with `--in-cluster` certificates that the webhook makes
 * itself.
 * @throws PodroleError if the files do not hold a pair, or if no cluster is configured
 */
export async function openCertificate(
  settings: WebhookSettings,
  limits: TlsLimits,
  surroundings: MeasuredSurroundings,
): Promise<CertificateSource> {
  const source = settings.inCluster
    ? // The Kubernetes client is loaded only if a cluster is used.
      (await import('./self-managed.ts')).manageCertificate(settings, limits, surroundings)
    : await certificateFiles(settings, limits, surroundings);
  surroundings.metrics.gauge(
    'podrole_certificate_expiry_timestamp_seconds',
    'When the served certificate expires',
    [],
    () => {
      const pair = source.current();
      return pair ? [{ labels: {}, value: pair.notAfter.getTime() / 1000 }] : [];
    },
  );
  return source;
}

async function certificateFiles(
  { tlsCert: certPath, tlsKey: keyPath }: WebhookSettings,
  limits: TlsLimits,
  { logger, clock }: MeasuredSurroundings,
): Promise<CertificateSource> {
  const files = await loadServingCertificate({ certPath, keyPath }, limits, logger, clock.now);
  let stop = () => {};
  return {
    current: files.current,
    follow: (server) => {
      stop = files.follow(server);
    },
    notReady: () => [],
    stop: () => stop(),
  };
}
