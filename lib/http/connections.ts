import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { hasBody } from './body/has-body.ts';

export type WebServer = HttpServer | HttpsServer;

/**
 * Connections of a server, by remote address and port: a TLS connection and its TCP connection have the same.
 */
export interface Connections {
  readonly open: Map<string, Socket>;
  /** Answers that are not finished yet. */
  readonly busy: Map<string, ServerResponse>;
  /**
   * Connections on which the server waits for the client: for its TLS handshake, for a request, for the rest
   * of a body, or for the client to read an answer. The first has kept the server waiting longest.
   */
  readonly waiting: Map<string, Socket>;
}

/**
 * Tracks connections, since Node does not report which have sent no request yet, or are still in their TLS
 * handshake.
 */
export function followConnections(server: WebServer): Connections {
  const connections: Connections = { open: new Map(), busy: new Map(), waiting: new Map() };
  const { open, busy, waiting } = connections;
  const waitFor = (key: string) => {
    const socket = open.get(key);
    waiting.delete(key);
    if (socket) waiting.set(key, socket);
  };
  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    open.set(key, socket);
    waitFor(key);
    socket.once('close', () => {
      open.delete(key);
      busy.delete(key);
      waiting.delete(key);
    });
  });
  // A finished handshake restarts the wait: under load a handshake takes as long as a review.
  server.on('secureConnection', (socket: Socket) => waitFor(keyOf(socket)));
  // Before a listener that answers at once.
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const key = keyOf(request.socket);
    busy.set(key, response);
    if (hasBody(request)) {
      waitFor(key);
      request.once('end', () => waiting.delete(key));
    } else {
      waiting.delete(key);
    }
    response.once('prefinish', () => waitFor(key));
    response.once('close', () => {
      if (busy.get(key) === response) busy.delete(key);
    });
  });
  return connections;
}

/** Returns the answer of a connection that is not finished yet. */
export function busyAnswer({ busy }: Connections, socket: Socket): ServerResponse | undefined {
  return busy.get(keyOf(socket));
}

/** True if the server waits for the client of this connection. */
export function isWaiting({ waiting }: Connections, socket: Socket): boolean {
  return waiting.has(keyOf(socket));
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/**
 * Limits the connections of a server. A new connection replaces the one that has kept the server waiting
 * longest. If the server waits for none, because it is answering a request on each, the new connection is
 * closed. Node's own `maxConnections` always closes the new one, so a stranger's idle connections would lock
 * the API server out.
 * @param onShed called for each connection that was closed
 */
export function limitConnections(
  server: WebServer,
  { open, waiting }: Connections,
  max: number,
  onShed: () => void,
): void {
  server.on('connection', (newcomer: Socket) => {
    if (open.size <= max) return;
    const [longest = newcomer] = waiting.values();
    longest.destroy();
    onShed();
  });
}
