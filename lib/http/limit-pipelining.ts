import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { WebServer } from './connections.ts';

/**
 * Cuts a client off that sends many requests without waiting for an answer. Node reads and parses all of them
 * at once, so while the first one waits, a connection could take any amount of memory. No SDK sends a second
 * one early.
 *
 * The rest of what has arrived is not parsed either: 64 KiB hold 2,500 requests, which would keep the process
 * busy for a tenth of a second for each such connection.
 * @param onShed called for each connection that was closed
 */
export function limitPipelining(server: WebServer, most: number, onShed: () => void): void {
  const unanswered = new WeakMap<Socket, number>();
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const count = (unanswered.get(socket) ?? 0) + 1;
    unanswered.set(socket, count);
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    if (count <= most || socket.destroyed) return;
    socket.destroy();
    stopParsing(socket);
    onShed();
  });
}

/** Result of Node's own callback for a request, which its parser takes for a failure. */
const FAILED = -1;

/** Stops the parser by an undocumented member of Node. Without that member the rest only takes longer. */
function stopParsing(socket: object): void {
  if (!('parser' in socket) || typeof socket.parser !== 'object' || socket.parser === null) return;
  if ('onIncoming' in socket.parser) socket.parser.onIncoming = () => FAILED;
}
