import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { codeOf, type Fault, messageOf, PodroleError } from '../errors.ts';
import { type Connections, followConnections, type WebServer } from './connections.ts';

export type { WebServer } from './connections.ts';

/**
 * Starts to listen, and follows the server's connections from then on. Shipped servers come from
 * `createWebServer`, which limits what clients may do.
 * @param port 0 takes a free one
 * @returns the port
 * @throws PodroleError `LISTEN_FAILED`
 */
export function listen(server: WebServer, port: number, host?: string): Promise<number> {
  return listenAt(server, host === undefined ? { port } : { port, host });
}

/**
 * Connections that may wait to be accepted; the kernel may have a lower limit. It makes clients wait for a
 * second when the queue is full, and SDKs then give up. Node's own limit is 511, as many as one pod may have.
 */
const MAX_NOT_ACCEPTED = 4_096;

/**
 * Listens on a port that another process of the same user may share, if it also asks for that: its successor,
 * which starts before this process ends. The kernel gives each new connection to one of the two.
 */
export function listenShared(server: WebServer, port: number, host?: string): Promise<number> {
  const options = { port, reusePort: true, backlog: MAX_NOT_ACCEPTED };
  return listenAt(server, { ...options, ...(host !== undefined && { host }) });
}

async function listenAt(
  server: WebServer,
  options: {
    readonly port: number;
    readonly host?: string;
    readonly reusePort?: boolean;
    readonly backlog?: number;
  },
): Promise<number> {
  const { port, host } = options;
  connectionsOf(server);
  const listening = once(server, 'listening');
  server.listen(options);
  try {
    await listening;
  } catch (thrown) {
    const fault = { code: 'LISTEN_FAILED', ...listenFault(thrown, port, host) } as const;
    throw new PodroleError(fault, { cause: thrown });
  }
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
}

/** A wrong address is not the fault of the port. */
function listenFault(thrown: unknown, port: number, host = ''): Omit<Fault, 'code'> {
  const code = codeOf(thrown);
  const object = `port ${port}`;
  if (code === 'EADDRINUSE') {
    return {
      object,
      problem: 'is used by another process (EADDRINUSE)',
      remedy: 'end that process, or choose a free port',
    };
  }
  if (code === 'EACCES') {
    const problem = 'may not be opened by this user';
    return { object, problem, remedy: 'choose a port of 1024 or above that this process may bind' };
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EINVAL') {
    const problem = 'is not an address of this machine';
    return {
      object: `address ${host}`,
      problem,
      remedy: 'give an address of this machine, or 0.0.0.0 for all',
    };
  }
  return { object, problem: messageOf(thrown), remedy: 'choose a free port that this process may bind' };
}

const connectionsByServer = new WeakMap<WebServer, Connections>();

/** Returns the connections of a server, which are followed since the first call. */
export function connectionsOf(server: WebServer): Connections {
  const known = connectionsByServer.get(server) ?? followConnections(server);
  connectionsByServer.set(server, known);
  return known;
}

/**
 * Makes each answer the last one of its connection. kube-apiserver keeps its connections to a webhook while
 * they work, even if new ones would go elsewhere. A request that it sends while its connection is being
 * closed is lost, since it is not sent again. So clients must close their connections before the server does.
 */
export function letClientsGo(server: WebServer): void {
  const isLast = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader('Connection', 'close');
  };
  for (const response of connectionsOf(server).busy.values()) isLast(response);
  server.prependListener('request', (_request, response) => isLast(response));
}

/** Within this time, requests arrive that were under way when the server began to drain. */
const ARRIVAL_MS = 500;
const SWEEP_MS = 50;

/**
 * Ends a server that `listen` started. It accepts no new connection, closes idle ones at once, busy ones
 * after their answer, and all of them after graceMs. kube-apiserver keeps its connections to a webhook open
 * and would go on using them. Under load it opens some on which it never sends anything, and Node does not
 * count these as idle.
 */
export async function drain(server: WebServer, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  letClientsGo(server);
  server.close();
  await endConnections(server, graceMs, closed);
}

/** Ends the connections of a server that accepts no others: see `drain`. */
export async function endConnections(
  server: WebServer,
  graceMs: number,
  closed: Promise<unknown>,
): Promise<void> {
  const { open, busy } = connectionsOf(server);
  const destroy = (spared: { has(key: string): boolean }) => {
    for (const [key, socket] of open) if (!spared.has(key)) socket.destroy();
  };
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
