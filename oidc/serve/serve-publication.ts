import type { Clock } from '../../lib/clock.ts';
import { PUBLICATION_NOTES_PATH } from '../../lib/contract/podrole.ts';
import { createHealthApp } from '../../lib/http/health-app.ts';
import { drain, listen, type WebServer } from '../../lib/http/serve.ts';
import { createTlsServer, createWebServer } from '../../lib/http/web-server.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Env, Random } from '../../lib/surroundings.ts';
import { loadServingCertificate, type TlsLimits } from '../../lib/tls/serving-certificate.ts';
import { openPublication, type PublicationSettings } from '../publication/open-publication.ts';
import { applyPublication, type PublicationRequest, planPublication } from '../publication/publish.ts';
import { createMemoryTarget } from '../targets/memory.ts';
import { watchPublication } from '../watch/check-loop.ts';
import { createWatchJournal } from '../watch/journal.ts';
import { createWatchMetrics } from '../watch/metrics.ts';
import { documentsApp } from './documents-app.ts';

/** Settings of `podrole publish --serve`. */
export interface ServeSettings extends PublicationSettings {
  readonly host: string | undefined;
  readonly port: number;
  /** Serving certificate and its private key; http if there is none. */
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly metricsPort: number;
}

export interface ServeSurroundings {
  readonly env: Env;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends the server: requests in progress are answered. */
  readonly signal: AbortSignal;
}

/** Time between two reads of the source: a new key is public after this time at the latest. */
const REFRESH_MS = 60_000;
const DRAIN_GRACE_MS = 5_000;
const TLS: TlsLimits = { minVersion: 'TLSv1.2' };

/**
 * Serves the documents from this process until the signal. Keys that the source no longer has stay for a
 * token lifetime, and all keys stay while the source cannot be read. Replicas serve the same bytes: keys are
 * in the order of their ids, and the certificate of a key depends on the key alone.
 * @throws PodroleError what a publication throws, before anything is served; `LISTEN_FAILED`; for an unusable
 * certificate
 */
export async function servePublication(
  settings: ServeSettings,
  { env, logger, clock, random, signal }: ServeSurroundings,
): Promise<void> {
  const target = createMemoryTarget();
  const publication = await openPublication(settings, env, clock.now, { target });
  const prepare = async (limit: AbortSignal): Promise<PublicationRequest> => {
    // Only age matters here: if the source is not the API server, its keys are what the user wants served.
    const { stillServedBy: _unasked, ...request } = await publication.request(limit);
    return { ...request, prune: true };
  };
  const journal = createWatchJournal(clock, false);
  const isReady = () => journal.term()?.checks.lastSuccessMs !== undefined;
  const notReady = () => (signal.aborted ? ['shutting down'] : isReady() ? [] : ['keys not read yet']);
  const registry = createWatchMetrics(journal, clock);
  const healthServer = createWebServer({
    listener: createHealthApp({ notReady, registry, logger }).callback(),
    maxBodyBytes: 0,
  });
  let stopFollowing = () => {};
  let server: WebServer | undefined;
  try {
    await applyPublication(await planPublication(await prepare(signal)));
    // Nobody else needs the notes, and they differ between replicas that started at different times.
    const app = documentsApp(
      (path) => (path.endsWith(PUBLICATION_NOTES_PATH) ? undefined : target.get(path)),
      logger,
    );
    ({ server, stopFollowing } = await createDocumentServer(settings, app.callback(), logger, clock.now));
    const metricsPort = await listen(healthServer, settings.metricsPort);
    const port = await listen(server, settings.port, settings.host);
    logger.info({ port, metricsPort }, 'listening');
    await watchPublication({ prepare, intervalMs: REFRESH_MS, clock, random, journal, logger }, signal);
  } finally {
    if (server) await drain(server, DRAIN_GRACE_MS);
    stopFollowing();
    await drain(healthServer, 0);
    publication.close();
  }
  logger.info('stopped');
}

type Handler = ReturnType<ReturnType<typeof documentsApp>['callback']>;

async function createDocumentServer(
  { tlsCert: certPath, tlsKey: keyPath }: ServeSettings,
  listener: Handler,
  logger: Logger,
  now: () => Date,
): Promise<{ server: WebServer; stopFollowing: () => void }> {
  if (certPath === undefined || keyPath === undefined) {
    return { server: createWebServer({ listener, maxBodyBytes: 0 }), stopFollowing: () => {} };
  }
  const certificate = await loadServingCertificate({ certPath, keyPath }, TLS, logger, now);
  const { cert, key } = certificate.current();
  const server = createTlsServer({ listener, maxBodyBytes: 0 }, { ...TLS, cert, key });
  return { server, stopFollowing: certificate.follow(server) };
}
