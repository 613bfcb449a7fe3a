import { checkPorts } from '../lib/http/check-ports.ts';
import { createHealthApp } from '../lib/http/health-app.ts';
import { requestListener } from '../lib/http/request-listener.ts';
import { drain, listenShared, type WebServer } from '../lib/http/serve.ts';
import { serveUntilFollowed } from '../lib/http/serve-until-followed.ts';
import { readinessOf } from '../lib/http/wait-for-successor.ts';
import { createWebServer } from '../lib/http/web-server.ts';
import type { Logger } from '../lib/logger.ts';
import { openConnectionCallers } from '../metadata/workloads/connection-callers.ts';
import { listenForWorkloads, type WorkloadListener } from '../metadata/workloads/listen-for-workloads.ts';
import { type FollowedRules, followRules } from '../redirect/follow-rules.ts';
import { proveRules } from '../redirect/node/prove-rules.ts';
import type { HostContainers } from './containers/host-containers.ts';
import { createDockerMetrics } from './metrics.ts';
import { type OpenHost, openHost } from './open-host.ts';
import { rememberChoices } from './roles/remember-choices.ts';
import { openContainerEndpoints } from './serve/container-endpoints.ts';
import { dockerEndpoint } from './serve/docker-endpoint.ts';
import { createRefusalLog } from './serve/refusal-log.ts';
import { warnOfTokenFile } from './sessions/warn-of-token-file.ts';
import type { DockerSettings } from './settings.ts';
import type { DockerSurroundings, MeasuredDocker } from './surroundings.ts';

/** The daemon is asked each ten seconds whether it answers. */
const STALE_DAEMON_MS = 30_000;
const MAX_METRICS_CONNECTIONS = 64;

/**
 * Serves the containers of a Docker host until the signal is aborted. Then goes on until the process that
 * follows is ready, for at most the delay of the settings, and answers the requests that wait.
 * @throws PodroleError for settings or a role file that cannot work, or a port that it cannot listen on
 */
export async function runDocker(settings: DockerSettings, surroundings: DockerSurroundings): Promise<void> {
  checkPorts(settings);
  const measured = { ...surroundings, metrics: createDockerMetrics() };
  const host = openHost(settings, measured);
  try {
    await serveHost(settings, measured, host);
  } finally {
    await host.close();
  }
  surroundings.logger.info('stopped');
}

async function serveHost(settings: DockerSettings, measured: MeasuredDocker, host: OpenHost): Promise<void> {
  const { logger, clock, signal } = measured;
  await warnOfAnother(settings, logger);
  const workloads = await listenForContainers(settings, measured, host);
  const prove = settings.checkRules ? () => proveRules(workloads.port, 'host') : async () => [];
  const rules = followRules({ rules: 'the rules of the host', logger, clock, prove });
  try {
    const health = createHealth(measured, host, rules);
    const metricsPort = await listenShared(health, settings.metricsPort, settings.metricsHost);
    logger.info({ port: workloads.port, metricsPort, daemon: settings.dockerHost }, 'listening');
    // A file on a hanging mount must not keep podrole from its work.
    if (settings.tokenFile !== undefined) void warnOfTokenFile(settings.tokenFile, logger);
    await serveUntilFollowed({
      server: workloads.server,
      others: [health],
      health: { host: settings.metricsHost, port: metricsPort },
      longestMs: settings.shutdownDelay,
      clock,
      logger,
      signal,
    });
  } finally {
    rules.stop();
    await drain(workloads.server, 0);
  }
}

/** Another process with other settings would answer some of the requests: both share the ports. */
async function warnOfAnother({ metricsHost: host, metricsPort: port }: DockerSettings, logger: Logger) {
  if (port === 0 || (await readinessOf({ host, port })) === undefined) return;
  logger.warn(
    { metricsPort: port },
    'another podrole serves this host: both answer containers until one ends',
  );
}

function listenForContainers(
  { imdsv2, port, blockUnknown, ...settings }: DockerSettings,
  { logger, clock, randomBytes, metrics }: MeasuredDocker,
  { containers, finder, roles, sessions }: OpenHost,
): Promise<WorkloadListener> {
  const { monotonicMs } = clock;
  const log = createRefusalLog(logger, monotonicMs);
  const callers = openConnectionCallers({ finder, idOf: ({ id }) => id, monotonicMs });
  const endpoints = openContainerEndpoints({
    sessionsOf: sessions.sessionsOf,
    host: { ...settings, startedAt: clock.now() },
    imdsv2,
    tokens: { monotonicMs, randomBytes },
  });
  containers.onGone((id) => {
    endpoints.forget(id);
    callers.closeOf(id);
    sessions.forget(id);
    log.forget(id);
  });
  const endpoint = dockerEndpoint({
    callers,
    containers,
    chooseRole: rememberChoices(roles.rules),
    endpoints,
    imdsv2,
    isUnknownBlocked: blockUnknown,
    log,
    onRefused: metrics.refused,
  });
  return listenForWorkloads({
    port,
    listener: requestListener({ endpoint, logger, onAnswer: metrics.answered }),
    onConnection: callers.accepted,
    onConnectionShed: metrics.connectionShed,
  });
}

function createHealth(
  { logger, metrics }: MeasuredDocker,
  { containers, roles, sessions, callerProblems }: OpenHost,
  rules: FollowedRules,
): WebServer {
  const notReady = () => [
    ...daemonProblems(containers),
    ...callerProblems(),
    ...rules.problems(),
    ...roles.problems(),
  ];
  metrics.follow({
    containers: () => [...containers.containers()].length,
    sessions: () => sessions.counts().sessions,
    exchangesWaiting: () => sessions.counts().waiting,
    daemonAgeSeconds: () => containers.newsAgeMs && containers.newsAgeMs / 1_000,
    isReady: () => notReady().length === 0,
    ruleProblems: () => rules.problems().length,
    roleFileProblems: () => roles.problems().length,
  });
  return createWebServer({
    listener: createHealthApp({ notReady, registry: metrics.registry, logger }).callback(),
    maxBodyBytes: 0,
    maxConnections: MAX_METRICS_CONNECTIONS,
    onConnectionShed: metrics.connectionShed,
  });
}

function daemonProblems(containers: HostContainers): readonly string[] {
  const { isSynced, isFollowing, newsAgeMs = 0 } = containers;
  if (!isSynced) return ['the Docker daemon has not listed the containers of the host yet'];
  if (!isFollowing) return ['the Docker daemon does not answer: its events have ended'];
  if (newsAgeMs < STALE_DAEMON_MS) return [];
  return [`the Docker daemon has not answered for ${Math.round(newsAgeMs / 1_000)} s`];
}
