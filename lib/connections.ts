import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { hasBody } from './has-body.ts';

export type WebServer = HttpServer | HttpsServer;

/** A server's connections by remote address and port, which a TLS connection shares with the TCP connection below it. */
export interface Connections {
  readonly open: Map<string, Socket>;
  /** The answers that requests wait for. */
  readonly busy: Map<string, ServerResponse>;
  /**
   * Those on which the server waits for the client: for its TLS handshake, for a request, for the rest of a body, or for it to read an
   * answer. In the order in which that began, so that the first is the one that has kept the server waiting for the longest.
   */
  readonly waiting: Map<string, Socket>;
}

/** Node does not say which connections have never sent a request, nor which are still in their TLS handshake. */
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
  // Whoever gets on with it has its time anew: a handshake under load takes as long as a review.
  server.on('secureConnection', (socket: Socket) => waitFor(keyOf(socket)));
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
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

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/**
 * Keeps a server from having more connections than this. A newcomer takes the place of the connection that has kept the server waiting
 * for the longest; where none is waited for, since each has a request that is being answered, it is closed itself. Node's own
 * `maxConnections` closes the newcomer always, so that a stranger's idle connections would lock the API server out.
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
