import { once } from 'node:events';
import type { Server as HttpServer, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { messageOf, PodroleError } from './errors.ts';

export type WebServer = HttpServer | HttpsServer;

/**
 * Time limits of every server of podrole, against clients that hold a connection without using it.
 * A review of 7 MiB takes well under ten seconds on any link between an API server and a pod.
 */
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Longer than the 90 s for which kube-apiserver keeps an idle connection, so that it is the API server that closes it. */
const KEEP_ALIVE_TIMEOUT_MS = 120_000;

/**
 * Starts to listen, with the time limits above.
 * @param port 0 takes a free one
 * @returns the port that is listened on
 * @throws PodroleError `LISTEN_FAILED`
 */
export async function listen(server: WebServer, port: number, host?: string): Promise<number> {
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  followConnections(server);
  const listening = once(server, 'listening');
  server.listen(host === undefined ? { port } : { port, host });
  try {
    await listening;
  } catch (thrown) {
    throw new PodroleError(
      {
        code: 'LISTEN_FAILED',
        object: `port ${port}`,
        problem: messageOf(thrown),
        remedy: 'choose a free port that this process may bind',
      },
      { cause: thrown },
    );
  }
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
}

/** A server's connections by remote address and port, which a TLS connection shares with the TCP connection below it. */
interface Connections {
  readonly open: Map<string, Socket>;
  /** The answers that requests wait for. */
  readonly busy: Map<string, ServerResponse>;
}

const NO_CONNECTIONS: Connections = { open: new Map(), busy: new Map() };
const connectionsByServer = new WeakMap<WebServer, Connections>();

/** Node does not say which connections have never sent a request, nor which are still in their TLS handshake. */
function followConnections(server: WebServer): void {
  const connections: Connections = { open: new Map(), busy: new Map() };
  connectionsByServer.set(server, connections);
  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    connections.open.set(key, socket);
    socket.once('close', () => {
      connections.open.delete(key);
      connections.busy.delete(key);
    });
  });
  server.on('request', ({ socket }, response) => {
    const key = keyOf(socket);
    connections.busy.set(key, response);
    response.once('close', () => {
      if (connections.busy.get(key) === response) connections.busy.delete(key);
    });
  });
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/**
 * From now on each answer is the last one of its connection. kube-apiserver keeps its connections to a webhook for as long as they
 * are of use, whether or not new ones would lead there; and a request that it sends on one as it is closed is lost, since it is not
 * sent again. So they have to be let go by the client before the server goes.
 */
export function letClientsGo(server: WebServer): void {
  const isLast = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader('Connection', 'close');
  };
  for (const response of connectionsByServer.get(server)?.busy.values() ?? []) isLast(response);
  server.prependListener('request', (_request, response) => isLast(response));
}

/** A request that was on its way when the server began to drain has arrived by then. */
const ARRIVAL_MS = 500;
const SWEEP_MS = 50;

/**
 * Ends a server that `listen` started: no new connection, idle ones closed at once, busy ones after their answer, all of them after
 * graceMs. kube-apiserver keeps its connections to a webhook open and would go on using them; under load it opens some that it never
 * sends anything on, which Node does not count as idle.
 */
export async function drain(server: WebServer, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  const { open, busy } = connectionsByServer.get(server) ?? NO_CONNECTIONS;
  const destroy = (spared: { has(key: string): boolean }) => {
    for (const [key, socket] of open) if (!spared.has(key)) socket.destroy();
  };
  letClientsGo(server);
  server.close();
  server.closeIdleConnections();
  const arrived = performance.now() + ARRIVAL_MS;
  const deadline = setTimeout(() => {
    destroy(new Set());
    server.closeAllConnections();
  }, graceMs);
  const sweep = setInterval(() => {
    if (performance.now() < arrived) server.closeIdleConnections();
    else destroy(busy);
  }, SWEEP_MS);
  try {
    await closed;
  } finally {
    clearTimeout(deadline);
    clearInterval(sweep);
  }
}
