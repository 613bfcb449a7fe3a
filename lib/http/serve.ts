import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { messageOf, PodroleError } from '../errors.ts';
import { type Connections, followConnections, type WebServer } from './connections.ts';

export type { WebServer } from './connections.ts';

/**
 * Starts to listen, and follows the server's connections from then on. What is shipped makes its servers by `createWebServer`, which
 * limits what clients may do.
 * @param port 0 takes a free one
 * @returns the port that is listened on
 * @throws PodroleError `LISTEN_FAILED`
 */
export async function listen(server: WebServer, port: number, host?: string): Promise<number> {
  connectionsOf(server);
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

const connectionsByServer = new WeakMap<WebServer, Connections>();

/** The connections of a server, followed since this was asked for the first time. */
export function connectionsOf(server: WebServer): Connections {
  const known = connectionsByServer.get(server) ?? followConnections(server);
  connectionsByServer.set(server, known);
  return known;
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
  for (const response of connectionsOf(server).busy.values()) isLast(response);
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
  const { open, busy } = connectionsOf(server);
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
