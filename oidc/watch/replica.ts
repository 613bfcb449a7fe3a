import type { ApiClient } from '../../kubernetes/api-client.ts';
import { leaseTiming } from '../../kubernetes/leases/decision.ts';
import { runElection } from '../../kubernetes/leases/leader-election.ts';
import { leaseStore } from '../../kubernetes/leases/store.ts';
import type { Clock } from '../../lib/clock.ts';
import { createHealthApp } from '../../lib/http/health-app.ts';
import { drain, listen } from '../../lib/http/serve.ts';
import { createWebServer } from '../../lib/http/web-server.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/surroundings.ts';
import type { PublicationRequest } from '../publication/publish.ts';
import { watchPublication } from './check-loop.ts';
import { createWatchJournal } from './journal.ts';
import { createWatchMetrics } from './metrics.ts';
import { watchReasons } from './readiness.ts';
import { leaseNamespace, type WatchSettings } from './settings.ts';

export interface ReplicaSettings extends WatchSettings {
  readonly metricsPort: number;
}

export interface ReplicaSurroundings {
  /** Returns what to publish now; called for each check, which the given signal ends. */
  readonly prepare: (signal: AbortSignal) => Promise<PublicationRequest>;
  /** Opens the API server that holds the Lease; called only if there is an election. */
  readonly connect: () => Promise<ApiClient>;
  /** The namespace of the pod that this process runs in; undefined outside a pod. */
  readonly podNamespace: string | undefined;
  /** Unique among all replicas, including earlier processes of this one. */
  readonly identity: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends the replica: the document in progress is finished, and the Lease is released. */
  readonly signal: AbortSignal;
}

/** Enough for the answers, which are small. */
const DRAIN_GRACE_MS = 1_000;

/**
 * Runs one replica of the publisher until the signal. Every replica answers probes and metrics; the holder of
 * the Lease publishes.
 * @throws PodroleError `MISSING_SETTING`, `LISTEN_FAILED`, `NO_CLUSTER`, `INVALID_KUBECONFIG`; nothing after
 * the start
 */
export async function runWatchReplica(
  settings: ReplicaSettings,
  surroundings: ReplicaSurroundings,
): Promise<void> {
  const { podNamespace, logger, clock, signal } = surroundings;
  const namespace = leaseNamespace(settings, podNamespace);
  const { interval: intervalMs, leaseDuration: leaseDurationMs, leaseName } = settings;
  const client = namespace === undefined ? undefined : await surroundings.connect();
  const journal = createWatchJournal(clock, client !== undefined);
  const patience = { intervalMs, leaseDurationMs };
  const notReady = () =>
    signal.aborted ? ['shutting down'] : watchReasons(journal, patience, clock.monotonicMs());
  const registry = createWatchMetrics(journal, clock);
  const server = createWebServer({
    listener: createHealthApp({ notReady, registry, logger }).callback(),
    maxBodyBytes: 0,
  });
  const lead = (leading: AbortSignal) => watchPublication({ ...surroundings, intervalMs, journal }, leading);
  try {
    const metricsPort = await listen(server, settings.metricsPort);
    logger.info({ metricsPort, identity: surroundings.identity }, 'listening');
    if (client === undefined || namespace === undefined) await lead(signal);
    else {
      await runElection(
        {
          ...surroundings,
          store: leaseStore(client, { namespace, name: leaseName }),
          timing: leaseTiming(leaseDurationMs),
          lead,
          onLook: journal.looked,
        },
        signal,
      );
    }
  } finally {
    client?.close();
    await drain(server, DRAIN_GRACE_MS);
  }
  logger.info('stopped');
}
