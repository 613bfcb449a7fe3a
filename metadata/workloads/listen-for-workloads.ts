import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { MAX_BODY_BYTES as maxBodyBytes } from '../../lib/http/request-listener.ts';
import { listenShared, type WebServer } from '../../lib/http/serve.ts';
import { createWebServer } from '../../lib/http/web-server.ts';

/** A second Host header is joined to the first, and refused together with it; by default Node drops it. */
const HTTP_OPTIONS = {
  /** The token of a workload has about 1.5 KB; no SDK sends more than that and a few hundred bytes. */
  maxHeaderSize: 16_384,
  joinDuplicateHeaders: true,
} as const;

/**
 * A connection without TLS takes some 10 KiB: 40 MiB in all. Some programs connect with hundreds of threads
 * at once; no workload can take what the others need.
 */
const MAX_CONNECTIONS = 4_096;
const MAX_CONNECTIONS_PER_ADDRESS = 512;
const MAX_PIPELINED = 8;

export interface WorkloadListenerOptions {
  readonly port: number;
  readonly listener: RequestListener;
  /** Called with each connection before its first request. */
  readonly onConnection: (socket: Socket) => void;
  readonly onConnectionShed: () => void;
}

export interface WorkloadListener {
  readonly server: WebServer;
  readonly port: number;
}

/**
 * Listens on all addresses of the host, since a redirect leads to the address of the interface on which a
 * connection came in. The rules of `podrole redirect` for a host let in only what came by the redirect. The
 * port is shared with the process that follows this one.
 * @throws PodroleError `LISTEN_FAILED`
 */
export async function listenForWorkloads(options: WorkloadListenerOptions): Promise<WorkloadListener> {
  const server = createWebServer({
    listener: options.listener,
    http: HTTP_OPTIONS,
    maxBodyBytes,
    maxConnections: MAX_CONNECTIONS,
    maxConnectionsPerAddress: MAX_CONNECTIONS_PER_ADDRESS,
    maxPipelined: MAX_PIPELINED,
    onConnectionShed: options.onConnectionShed,
  });
  server.prependListener('connection', options.onConnection);
  return { server, port: await listenShared(server, options.port) };
}
