import type { Endpoint } from '../../lib/http/endpoint.ts';
import { requestListener } from '../../lib/http/request-listener.ts';
import { listenOnLoopback } from '../../sidecar/listen-on-loopback.ts';
import { type CollectedLog, collectLog } from '../processes/collected-log.ts';
import { workload } from './workload.ts';

/** The port of a workload without the other parts of a sidecar. */
interface ServedWorkload {
  readonly port: number;
  readonly log: CollectedLog;
  /** Answers each request; default: as a workload does. */
  endpoint: Endpoint;
  readonly close: () => Promise<void>;
}

export async function serveWorkload(): Promise<ServedWorkload> {
  const log = collectLog();
  const asked = workload();
  const listener = requestListener({
    endpoint: (request) => served.endpoint(request),
    logger: log.logger,
    onAnswer: () => {},
  });
  const server = await listenOnLoopback(0, listener, log.logger);
  const served: ServedWorkload = {
    port: server.port,
    log,
    endpoint: asked.endpoint,
    close: () => server.drain(0),
  };
  return served;
}
