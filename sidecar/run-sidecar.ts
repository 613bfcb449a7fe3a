import { once } from 'node:events';
import { chainExchange } from '../credentials/chain/chain-exchange.ts';
import { exchangeToken } from '../credentials/exchange/exchange.ts';
import { keepSession, type SessionKeeper } from '../credentials/session-keeper.ts';
import { type Clock, pause } from '../lib/clock.ts';
import { requestListener } from '../lib/http/request-listener.ts';
import { drain, listen } from '../lib/http/serve.ts';
import { createWebServer } from '../lib/http/web-server.ts';
import type { Logger } from '../lib/logger.ts';
import { NEVER_ABORTED } from '../lib/never-aborted.ts';
import type { Random } from '../lib/surroundings.ts';
import { type CredentialsAccess, isClosed } from '../metadata/container-credentials/access.ts';
import { workloadEndpoint } from '../metadata/workload-endpoint.ts';
import {
  type CompleteSidecarSettings,
  completeSidecarSettings,
  type SettingsSurroundings,
} from './complete-settings.ts';
import { openCredentialsAccess } from './credentials-access.ts';
import { followToken } from './follow-token.ts';
import { healthListener } from './health-listener.ts';
import { type Journal, openJournal } from './journal.ts';
import { listenOnLoopback } from './listen-on-loopback.ts';
import type { SidecarSettings } from './settings.ts';

/** Surroundings of the sidecar. */
export interface SidecarSurroundings extends Omit<SettingsSurroundings, 'startedAt'> {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly randomBytes: (length: number) => Buffer;
  /** Aborted when the sidecar must end. */
  readonly signal: AbortSignal;
}

const CLOSED_WARNING =
  'container credentials are not served: --imdsv2 required needs --credentials-path, --authorization-token or --authorization-token-file for them';

/** Enough for clients that wait for an exchange: ten seconds at most, and as many for a target role. */
const DRAIN_GRACE_MS = 22_000;

/**
 * Serves credentials to the workload until the signal is aborted. Then goes on for the delay of the settings,
 * and answers the requests that wait.
 * @throws PodroleError for settings that cannot work, or a port that it cannot listen on
 */
export async function runSidecar(
  settings: SidecarSettings,
  surroundings: SidecarSurroundings,
): Promise<void> {
  const { logger, clock, signal } = surroundings;
  const plan = completeSidecarSettings(settings, { ...surroundings, startedAt: clock.now() });
  const access = await openCredentialsAccess(settings, clock.monotonicMs);
  const journal = openJournal(logger);
  const token = followToken(plan.target.tokenFile);
  const exchangeBase = async (stopped: AbortSignal) => {
    await token.remember();
    return exchangeToken(plan.target, clock.now, stopped);
  };
  const { targetRole: target } = plan;
  const sts = { ...plan.target, region: settings.region };
  const keeper: SessionKeeper = keepSession({
    exchange: target ? chainExchange({ exchangeBase, target, sts, clock }) : exchangeBase,
    clock,
    random: surroundings.random,
    onResult: (result) => {
      journal.exchanged(result);
      if ('failure' in result) token.watch(() => keeper.tokenChanged());
    },
  });
  try {
    const stop = await serve(settings, surroundings, plan, { access, journal, keeper });
    if (!signal.aborted) await once(signal, 'abort');
    logger.info({ delayMs: settings.shutdownDelay }, 'shutting down');
    await pause(clock, settings.shutdownDelay, NEVER_ABORTED);
    await stop();
  } finally {
    keeper.stop();
    token.stop();
  }
  logger.info('stopped');
}

interface Opened {
  readonly access: CredentialsAccess;
  readonly journal: Journal;
  readonly keeper: SessionKeeper;
}

async function serve(
  settings: SidecarSettings,
  { logger, clock, randomBytes }: SidecarSurroundings,
  { target, targetRole, facts }: CompleteSidecarSettings,
  { access, journal, keeper }: Opened,
): Promise<() => Promise<void>> {
  const endpoint = workloadEndpoint({
    facts,
    sessions: keeper,
    imdsv2: settings.imdsv2,
    tokens: { key: randomBytes(32), monotonicMs: clock.monotonicMs, randomBytes },
    access,
  });
  const listener = requestListener({ endpoint, logger, onAnswer: journal.answered });
  const workload = await listenOnLoopback(settings.port, listener, logger);
  const notReady = () => {
    const reason = keeper.missing();
    return reason === undefined ? [] : [reason];
  };
  const health = createWebServer({
    listener: healthListener({ notReady, metrics: journal.metrics }),
    maxBodyBytes: 0,
  });
  try {
    const metricsPort = await listen(health, settings.metricsPort, settings.metricsHost);
    const { port } = workload;
    const { roleArn: role, sessionName } = target;
    const proxy = target.proxy && { proxy: target.proxy.origin };
    const sts = target.endpoint.origin;
    const chained = targetRole && { targetRole: targetRole.roleArn };
    logger.info({ port, metricsPort, role, ...chained, sessionName, sts, ...proxy }, 'listening');
    if (isClosed(access)) logger.warn(CLOSED_WARNING);
  } catch (thrown) {
    await workload.drain(0);
    throw thrown;
  }
  return async () => {
    await workload.drain(DRAIN_GRACE_MS);
    await drain(health, 0);
  };
}
