import { atMostEvery } from '../lib/at-most-every.ts';
import { checkPorts } from '../lib/http/check-ports.ts';
import { createHealthApp } from '../lib/http/health-app.ts';
import { requestListener } from '../lib/http/request-listener.ts';
import { drain, listenShared, type WebServer } from '../lib/http/serve.ts';
import { serveUntilFollowed } from '../lib/http/serve-until-followed.ts';
import { createWebServer } from '../lib/http/web-server.ts';
import type { ServingSurroundings } from '../lib/surroundings.ts';
import { openConnectionCallers } from '../metadata/workloads/connection-callers.ts';
import { listenForWorkloads, type WorkloadListener } from '../metadata/workloads/listen-for-workloads.ts';
import { type FollowedRules, followRules } from '../redirect/follow-rules.ts';
import { proveRules } from '../redirect/node/prove-rules.ts';
import { createAgentMetrics } from './metrics.ts';
import { type OpenNode, openNode } from './open-node.ts';
import { isOver } from './pods/is-over.ts';
import type { NodePods } from './pods/node-pods.ts';
import { agentEndpoint } from './serve/agent-endpoint.ts';
import { listenForScrapes } from './serve/listen-for-scrapes.ts';
import { openPodEndpoints } from './serve/pod-endpoints.ts';
import type { AgentSettings } from './settings.ts';
import type { MeasuredAgent } from './surroundings.ts';

/**
 * The API server sends a bookmark about each minute, so a watch that is silent for longer is not current.
 * Pods are served nevertheless, since a list shows who asks. But such an agent is not ready.
 */
const STALE_WATCH_MS = 150_000;
const MAX_METRICS_CONNECTIONS = 64;

/**
 * Serves the pods of a node until the signal is aborted. Then goes on until the next agent of the node is
 * ready, for at most the delay of the settings, and answers the requests that wait.
 * @throws PodroleError for settings that cannot work, or a port that it cannot listen on
 */
export async function runAgent(settings: AgentSettings, surroundings: ServingSurroundings): Promise<void> {
  checkPorts(settings);
  const measured = { ...surroundings, metrics: createAgentMetrics() };
  const node = openNode(settings, measured);
  try {
    await serveNode(settings, measured, node);
  } finally {
    await node.close();
  }
  surroundings.logger.info('stopped');
}

async function serveNode(settings: AgentSettings, measured: MeasuredAgent, node: OpenNode): Promise<void> {
  const { logger, clock, signal } = measured;
  const workloads = await listenForPods(settings, measured, node);
  const prove = settings.checkRules ? () => proveRules(workloads.port) : async () => [];
  const rules = followRules({ rules: 'the rules of the node', logger, clock, prove });
  try {
    const health = createHealth(measured, node, rules);
    const metricsPort = await listenShared(health, settings.metricsPort, settings.metricsHost);
    const scrapes = await openScrapes(settings, measured);
    const ports = { port: workloads.port, metricsPort, scrapePort: scrapes?.port };
    logger.info({ ...ports, node: settings.nodeName }, 'listening');
    for (const problem of node.folderProblems()) logger.warn(problem);
    await serveUntilFollowed({
      server: workloads.server,
      others: scrapes ? [health, scrapes.server] : [health],
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

/** A port of its own for Prometheus, if the settings name an address of the node. */
async function openScrapes(
  { scrapeHost: host, scrapePort: port }: AgentSettings,
  { logger, clock, metrics: { registry } }: MeasuredAgent,
) {
  return host === undefined ? undefined : listenForScrapes({ host, port, registry, clock, logger });
}

/** All pods of the node may ask while the API server does not answer. */
const UNCHECKED_LOG_MS = 10_000;

function listenForPods(
  { imdsv2, port, blockUnknown, ...settings }: AgentSettings,
  { logger, clock, randomBytes, metrics }: MeasuredAgent,
  { pods, finder, tokens, sessions }: OpenNode,
): Promise<WorkloadListener> {
  const { monotonicMs } = clock;
  const mayLog = atMostEvery(UNCHECKED_LOG_MS, monotonicMs);
  const callers = openConnectionCallers({ finder, idOf: ({ uid }) => uid, monotonicMs });
  const endpoints = openPodEndpoints({
    sessionsOf: sessions.sessionsOf,
    host: { ...settings, startedAt: clock.now() },
    imdsv2,
    tokens: { monotonicMs, randomBytes },
  });
  followEnds(pods, (uid) => {
    endpoints.forget(uid);
    callers.closeOf(uid);
    sessions.forget(uid);
  });
  const endpoint = agentEndpoint({
    callers,
    endpoints,
    tokens,
    imdsv2,
    isUnknownBlocked: blockUnknown,
    clock,
    onRefused: metrics.refused,
    onUnchecked: (err) => mayLog() && logger.warn({ err }, 'a token could not be checked'),
  });
  return listenForWorkloads({
    port,
    listener: requestListener({ endpoint, logger, onAnswer: metrics.answered }),
    onConnection: callers.accepted,
    onConnectionShed: metrics.connectionShed,
  });
}

/** Calls back for each pod that is gone or finished. */
function followEnds(pods: NodePods, onEnd: (uid: string) => void): void {
  pods.onGone(onEnd);
  pods.onChange(() => {
    for (const pod of pods.pods()) if (isOver(pod)) onEnd(pod.uid);
  });
}

function createHealth(
  { logger, metrics }: MeasuredAgent,
  { pods, sessions, folderProblems }: OpenNode,
  rules: FollowedRules,
): WebServer {
  const notReady = () => [...watchProblems(pods), ...folderProblems(), ...rules.problems()];
  metrics.follow({
    pods: () => [...pods.pods()].length,
    sessions: () => sessions.counts().sessions,
    exchangesWaiting: () => sessions.counts().waiting,
    watchAgeSeconds: () => pods.newsAgeMs && pods.newsAgeMs / 1_000,
    isReady: () => notReady().length === 0,
    ruleProblems: () => rules.problems().length,
  });
  return createWebServer({
    listener: createHealthApp({ notReady, registry: metrics.registry, logger }).callback(),
    maxBodyBytes: 0,
    maxConnections: MAX_METRICS_CONNECTIONS,
    onConnectionShed: metrics.connectionShed,
  });
}

function watchProblems({ isSynced, newsAgeMs = 0 }: NodePods): readonly string[] {
  if (!isSynced) return ['the pods of the node are not listed yet'];
  if (newsAgeMs < STALE_WATCH_MS) return [];
  return [`the watch of pods has brought nothing for ${Math.round(newsAgeMs / 1_000)} s`];
}
