import { BodyBudget } from '../lib/http/body/body-budget.ts';
import type { WebServer } from '../lib/http/connections.ts';
import { createHealthApp } from '../lib/http/health-app.ts';
import { createWebServer } from '../lib/http/web-server.ts';
import { review } from './admission.ts';
import { createWebhookApp } from './app.ts';
import type { OpenedSources } from './open-sources.ts';
import { createReviewServer } from './review-server.ts';
import type { MeasuredSurroundings } from './surroundings.ts';
import { callerNames } from './tls/caller-names.ts';
import { reportRefusedCallers } from './tls/refused-callers.ts';

/**
 * Most memory of all reviews at once, bodies and parsed objects: one review of the largest size (7 MiB, 16
 * MiB parsed), or some hundred ordinary ones. With 100,000 ServiceAccounts, the floods of
 * e2e/cases/webhook/flood.test.ts took at most 174 of the 256 MiB that the manifest allows, connections and
 * uncollected garbage included.
 */
const BODY_BUDGET_BYTES = 24 * 1024 * 1024;
/**
 * Most connections to the metrics port, which are those of the kubelet and of some replicas of Prometheus.
 */
const MAX_METRICS_CONNECTIONS = 64;

export interface ServerOptions {
  /** Common names of the client certificates that may ask; empty: every name. */
  readonly clientNames: readonly string[];
  readonly sources: OpenedSources;
  /** Returns why requests should not come yet, or no longer. */
  readonly notReady: () => readonly string[];
}

export interface WebhookServers {
  /** HTTPS: `/mutate`. */
  readonly reviews: WebServer;
  /** HTTP: `/healthz`, `/readyz`, `/metrics`. */
  readonly health: WebServer;
  /** Stops following the client CA. */
  readonly stopFollowing: () => void;
}

/** Creates the servers of the webhook; neither listens yet. */
export function createServers(
  { clientNames, sources, notReady }: ServerOptions,
  { logger, clock, metrics }: MeasuredSurroundings,
): WebhookServers {
  const { monotonicMs } = clock;
  const { facts, certificate, clientAuthority, events, tlsLimits: limits } = sources;
  const onConnectionShed = metrics.counter(
    'podrole_connections_shed_total',
    'Connections closed to make room for others',
  );
  const healthApp = createHealthApp({ notReady, registry: metrics.registry, logger });
  const health = createWebServer({
    listener: healthApp.callback(),
    maxBodyBytes: 0,
    maxConnections: MAX_METRICS_CONNECTIONS,
    onConnectionShed,
  });
  const count = metrics.counter(
    'podrole_callers_refused_total',
    'Callers that --client-ca or --client-name refused',
  );
  const onCallerRefused = reportRefusedCallers({ logger, monotonicMs, count });
  const onShed = metrics.counter(
    'podrole_bodies_shed_total',
    'Bodies of admission requests refused to make room for others',
  );
  const app = createWebhookApp({
    review: (body, measure) => review(body, facts, measure),
    budget: new BodyBudget({ limitBytes: BODY_BUDGET_BYTES, monotonicMs, onShed }),
    isCallerAllowed: callerCheck(clientNames, onCallerRefused),
    report: ({ result, subject, owner, warnings, message }) => {
      if (!subject || !owner) return;
      const reported = result === 'forbidden' && message !== undefined ? [message] : warnings;
      events.report(subject.namespace, owner, reported);
    },
    metrics,
    logger,
    monotonicMs,
  });
  const { server: reviews, stop: stopFollowing } = createReviewServer({
    listener: app.callback(),
    limits,
    certificate,
    clientAuthority,
    onConnectionShed,
    onCallerRefused,
  });
  return { reviews, health, stopFollowing };
}

function callerCheck(
  names: readonly string[],
  onRefused: (reason: string) => void,
): ReturnType<typeof callerNames> {
  const hasAllowedName = callerNames(names);
  return (socket) => {
    const isAllowed = hasAllowedName(socket);
    if (!isAllowed) onRefused('its common name is not one of --client-name');
    return isAllowed;
  };
}
