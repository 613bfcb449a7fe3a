import { pause } from '../lib/clock.ts';
import { drain, letClientsGo, listen } from '../lib/http/serve.ts';
import { NEVER_ABORTED } from '../lib/never-aborted.ts';
import { createServers } from './create-servers.ts';
import { createMetrics } from './metrics.ts';
import { openSources } from './open-sources.ts';
import type { WebhookSettings } from './settings.ts';
import type { Stops, WebhookSurroundings } from './surroundings.ts';

export interface RunningWebhook {
  /** HTTPS port of /mutate. */
  readonly port: number;
  readonly metricsPort: number;
  /**
   * Reports not ready at once; after the delay of the settings, answers reviews in flight within their grace
   * period.
   */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the webhook: loads what it needs, listens, and follows the cluster and its files from then on.
 * @throws PodroleError with every fault of the settings, or of what they name; nothing is left running then
 */
export async function startWebhook(
  settings: WebhookSettings,
  surroundings: WebhookSurroundings,
): Promise<RunningWebhook> {
  const stops: Stops = [];
  const stopAll = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    return await start(settings, surroundings, { stops, stopAll });
  } catch (thrown) {
    await stopAll();
    throw thrown;
  }
}

async function start(
  settings: WebhookSettings,
  surroundings: WebhookSurroundings,
  { stops, stopAll }: { readonly stops: Stops; readonly stopAll: () => Promise<void> },
): Promise<RunningWebhook> {
  const { logger, clock } = surroundings;
  const measured = { ...surroundings, metrics: createMetrics() };
  const sources = await openSources(settings, measured, stops);
  const pending = new Set(['not listening yet']);
  const { reviews, health, stopFollowing } = createServers(
    {
      clientNames: settings.clientName,
      sources,
      notReady: () => [...pending, ...sources.notReady()],
    },
    measured,
  );
  stops.push(stopFollowing);
  stops.push(() => drain(health, 0));
  const metricsPort = await listen(health, settings.metricsPort);
  stops.push(() => drain(reviews, settings.shutdownGracePeriod));
  const port = await listen(reviews, settings.port);
  pending.clear();
  logger.info({ port, metricsPort }, 'listening');
  return {
    port,
    metricsPort,
    stop: async () => {
      pending.add('shutting down');
      logger.info({ delayMs: settings.shutdownDelay }, 'shutting down');
      letClientsGo(reviews);
      await pause(clock, settings.shutdownDelay, NEVER_ABORTED);
      await stopAll();
    },
  };
}
