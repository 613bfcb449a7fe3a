import type { Registry } from 'prom-client';
import type { Clock } from '../../lib/clock.ts';
import type { MetricsText } from '../../lib/http/health.ts';
import { createMetricsApp } from '../../lib/http/health-app.ts';
import { listenShared, type WebServer } from '../../lib/http/serve.ts';
import { createWebServer } from '../../lib/http/web-server.ts';
import type { Logger } from '../../lib/logger.ts';

/** Prometheus needs one connection. No other address can take it. */
const MAX_CONNECTIONS = 64;
const MAX_CONNECTIONS_PER_ADDRESS = 4;
/** Making the exposition takes some milliseconds. Whoever asks faster than this gets the last one. */
const REUSE_MS = 1_000;

export interface ScrapeListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly logger: Logger;
}

/**
 * Listens for Prometheus at an address that others reach too: the pods of the node, and whoever reaches the
 * node. So it has connections of its own, and none of them can take one that a probe of kubelet needs. The
 * port is shared with the agent that follows this one.
 * @throws PodroleError `LISTEN_FAILED`
 */
export async function listenForScrapes(
  options: ScrapeListenerOptions,
): Promise<{ readonly server: WebServer; readonly port: number }> {
  const server = createWebServer({
    listener: createMetricsApp({ metrics: renderSeldom(options), logger: options.logger }).callback(),
    maxBodyBytes: 0,
    maxConnections: MAX_CONNECTIONS,
    maxConnectionsPerAddress: MAX_CONNECTIONS_PER_ADDRESS,
  });
  return { server, port: await listenShared(server, options.port, options.host) };
}

function renderSeldom({ registry, clock }: ScrapeListenerOptions): () => Promise<MetricsText> {
  let last: { readonly atMs: number; readonly rendered: Promise<string> } | undefined;
  return async () => {
    const nowMs = clock.monotonicMs();
    if (!last || nowMs - last.atMs >= REUSE_MS) last = { atMs: nowMs, rendered: registry.metrics() };
    return { contentType: registry.contentType, text: await last.rendered };
  };
}
