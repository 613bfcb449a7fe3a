import type { RequestListener } from 'node:http';
import type { Endpoint } from '../../lib/http/endpoint.ts';
import { requestListener } from '../../lib/http/request-listener.ts';
import { drain } from '../../lib/http/serve.ts';
import { listenForWorkloads } from '../../metadata/workloads/listen-for-workloads.ts';
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

/** Listeners of workloads: that of the sidecar, and that of the agent. */
const LISTENERS = {
  sidecar: async (listener: RequestListener, log: CollectedLog) => {
    const server = await listenOnLoopback(0, listener, log.logger);
    return { port: server.port, close: () => server.drain(0) };
  },
  agent: async (listener: RequestListener) => {
    const onNothing = () => {};
    const { server, port } = await listenForWorkloads({
      port: 0,
      listener,
      onConnection: onNothing,
      onConnectionShed: onNothing,
    });
    return { port, close: () => drain(server, 0) };
  },
} as const;

export const LISTENER_NAMES = ['sidecar', 'agent'] as const;

export async function serveWorkload(
  by: (typeof LISTENER_NAMES)[number] = 'sidecar',
): Promise<ServedWorkload> {
  const log = collectLog();
  const asked = workload();
  const listener = requestListener({
    endpoint: (request) => served.endpoint(request),
    logger: log.logger,
    onAnswer: () => {},
  });
  const { port, close } = await LISTENERS[by](listener, log);
  const served: ServedWorkload = {
    port,
    log,
    endpoint: asked.endpoint,
    close,
  };
  return served;
}
