import { completeIdentitySettings } from '../identity/complete-settings.ts';
import { NO_CONTAINER_CREDENTIALS } from '../identity/container-credentials-config.ts';
import { type Clock, pause } from '../lib/clock.ts';
import { PodroleError } from '../lib/errors.ts';
import { BodyBudget } from '../lib/http/body-budget.ts';
import { createHealthApp } from '../lib/http/health-app.ts';
import { drain, letClientsGo, listen } from '../lib/http/serve.ts';
import { createWebServer } from '../lib/http/web-server.ts';
import type { Logger } from '../lib/logger.ts';
import { opensslCiphers } from '../lib/tls/cipher-suites.ts';
import type { TlsLimits } from '../lib/tls/serving-certificate.ts';
import { type AdmissionFacts, review } from './admission.ts';
import { createWebhookApp } from './app.ts';
import { openCertificate } from './certificates/open-certificate.ts';
import { createMetrics } from './metrics.ts';
import { createReviewServer } from './review-server.ts';
import type { WebhookSettings } from './settings.ts';
import {
  type ContainerCredentialsFile,
  followContainerCredentials,
} from './sources/container-credentials-file.ts';
import { openIdentityFacts } from './sources/open-facts.ts';
import { callerNames } from './tls/caller-names.ts';
import { type ClientAuthority, loadClientAuthority } from './tls/client-authority.ts';
import { reportRefusedCallers } from './tls/refused-callers.ts';

/** What the server touches of its surroundings. */
export interface WebhookSurroundings {
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface RunningWebhook {
  /** HTTPS port of /mutate. */
  readonly port: number;
  readonly metricsPort: number;
  /** Not ready from now on; after the delay of the settings reviews in flight are answered, within their grace period. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the webhook: loads what it needs once, listens, and follows the cluster and its files from then on.
 * @throws PodroleError with every fault of the settings, or of what they name; nothing is left running then
 */
export async function startWebhook(
  settings: WebhookSettings,
  surroundings: WebhookSurroundings,
): Promise<RunningWebhook> {
  const stops: (() => Promise<void> | void)[] = [];
  const stopAll = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    return await start(settings, surroundings, stops, stopAll);
  } catch (thrown) {
    await stopAll();
    throw thrown;
  }
}

/**
 * Most memory of all reviews at once, bodies and parsed objects: one review of the largest size (7 MiB, 16 MiB parsed), or
 * some hundred ordinary ones. With 100,000 ServiceAccounts the floods of e2e/cases/webhook/flood.test.ts took at most 174 of
 * the 256 MiB that the manifest allows, including connections and garbage that was not collected yet.
 */
const BODY_BUDGET_BYTES = 24 * 1024 * 1024;
/** Connections to the metrics port: of the kubelet, and of some replicas of Prometheus. */
const MAX_PROBES = 64;

async function start(
  settings: WebhookSettings,
  surroundings: WebhookSurroundings,
  stops: (() => Promise<void> | void)[],
  stopAll: () => Promise<void>,
): Promise<RunningWebhook> {
  const { logger, env, clock, random } = surroundings;
  const { monotonicMs } = clock;
  const limits = tlsLimits(settings);
  const clientAuthority = await openClientAuthority(settings, logger);
  const metrics = createMetrics();
  const pending = new Set(['not listening yet']);
  const certificate = await openCertificate(settings, limits, { ...surroundings, metrics });
  stops.push(() => certificate.stop());
  const identitySettings = await completeIdentitySettings(settings, env);
  const credentials = await containerCredentials(settings, logger);
  stops.push(() => credentials.stop());
  const identities = await openIdentityFacts(settings, identitySettings, {
    logger,
    env,
    metrics,
    monotonicMs,
    random,
  });
  stops.push(() => identities.stop());
  const facts: AdmissionFacts = {
    settings: identitySettings,
    serviceAccounts: identities.serviceAccounts,
    containerCredentials: () => credentials.current(),
    configMap: () => identities.configMap(),
    random,
  };
  const onConnectionShed = metrics.counter(
    'podrole_connections_shed_total',
    'Connections closed to make room for others',
  );
  const healthServer = createWebServer({
    listener: createHealthApp({
      notReady: () => [...pending, ...certificate.notReady(), ...identities.notReady()],
      registry: metrics.registry,
      logger,
    }).callback(),
    maxBodyBytes: 0,
    maxConnections: MAX_PROBES,
    onConnectionShed,
  });
  const hasAllowedName = callerNames(settings.clientName);
  const onCallerRefused = reportRefusedCallers({
    logger,
    monotonicMs,
    count: metrics.counter(
      'podrole_callers_refused_total',
      'Callers that --client-ca or --client-name refused',
    ),
  });
  const app = createWebhookApp({
    review: (body) => review(body, facts),
    budget: new BodyBudget({
      limitBytes: BODY_BUDGET_BYTES,
      monotonicMs,
      onShed: metrics.counter(
        'podrole_bodies_shed_total',
        'Bodies of reviews refused to make room for others',
      ),
    }),
    isCallerAllowed: (socket) => {
      const isAllowed = hasAllowedName(socket);
      if (!isAllowed) onCallerRefused('its common name is not one of --client-name');
      return isAllowed;
    },
    metrics,
    logger,
    monotonicMs,
  });
  const { server, stop: stopFollowing } = createReviewServer({
    listener: app.callback(),
    limits,
    certificate,
    clientAuthority,
    onConnectionShed,
    onCallerRefused,
  });
  stops.push(stopFollowing);
  stops.push(() => drain(healthServer, 0));
  const metricsPort = await listen(healthServer, settings.metricsPort);
  stops.push(() => drain(server, settings.shutdownGracePeriod));
  const port = await listen(server, settings.port);
  pending.clear();
  logger.info({ port, metricsPort }, 'listening');
  return {
    port,
    metricsPort,
    stop: async () => {
      pending.add('shutting down');
      logger.info({ delayMs: settings.shutdownDelay }, 'shutting down');
      letClientsGo(server);
      await pause(clock, settings.shutdownDelay, new AbortController().signal);
      await stopAll();
    },
  };
}

async function openClientAuthority(
  { clientCa, clientName }: WebhookSettings,
  logger: Logger,
): Promise<ClientAuthority | undefined> {
  if (clientCa !== undefined) return loadClientAuthority(clientCa, logger);
  if (clientName.length === 0) return undefined;
  throw new PodroleError({
    code: 'INVALID_SETTING',
    object: '--client-name',
    problem: 'is set, but no client is asked for its certificate',
    remedy: 'set --client-ca too',
  });
}

function tlsLimits({ tlsMinVersion, tlsCipherSuites }: WebhookSettings): TlsLimits {
  const ciphers = opensslCiphers(tlsCipherSuites);
  const minVersion = tlsMinVersion === 'VersionTLS13' ? 'TLSv1.3' : 'TLSv1.2';
  return ciphers === undefined ? { minVersion } : { minVersion, ciphers };
}

async function containerCredentials(
  { watchContainerCredentialsConfig: path }: WebhookSettings,
  logger: Logger,
): Promise<ContainerCredentialsFile> {
  if (path !== undefined) return followContainerCredentials(path, logger);
  return { current: () => NO_CONTAINER_CREDENTIALS, stop: () => {} };
}
