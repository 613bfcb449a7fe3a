import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { hasBody } from './body/has-body.ts';
import type { WebServer } from './connections.ts';

/** Enough for the rest of the largest review. A client that sends more is cut off. */
const MAX_DISCARDED_BYTES = 8 * 1024 * 1024;
/** As long as a whole request may take. A client that sends for longer is cut off. */
const MAX_LINGER_MS = 10_000;

/**
 * Lets a client read an answer that was sent before the client had sent its whole body. Node closes a
 * connection as soon as its last answer is written. If there are unread bytes then, the kernel sends a reset,
 * and the client's kernel discards the answer. So only the sending side is closed, and what still arrives is
 * discarded, for a limited time and up to a limited number of bytes. RFC 9112 section 9.6
 */
export function lingerOnClose(server: WebServer): void {
  server.on('request', (request, response) => {
    if (hasBody(request)) closeGently(request, response);
  });
}

function closeGently(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  // To end a connection after an answer, Node's HTTP server calls only this.
  const { destroySoon } = socket;
  response.once('close', () => {
    if (socket.destroySoon === linger) socket.destroySoon = destroySoon;
  });
  socket.destroySoon = linger;

  function linger(): void {
    if (request.complete) {
      destroySoon.call(socket);
      return;
    }
    // A TLS connection ends only after its client's last record, which the parser waits for.
    if (socket instanceof TLSSocket) {
      socket.end();
      discard(socket, request);
    } else {
      endGently(socket, '');
    }
  }
}

/**
 * Sends the last bytes to a client, and discards what it still sends, within the same limits. The parser gets
 * none of it: it may have failed, and chunks of one byte would cost it a fifth of a second for each megabyte.
 */
export function endGently(socket: Socket, bytes: string): void {
  if (!socket.writableEnded) socket.end(bytes);
  // Node's own listeners would parse what comes next, and fail again.
  socket.removeAllListeners('data');
  discard(socket, socket);
}

/** @param source what still arrives, as the body of a request or as bytes */
function discard(socket: Socket, source: IncomingMessage | Socket): void {
  let bytes = 0;
  const end = () => {
    clearTimeout(timer);
    socket.destroy();
  };
  const timer = setTimeout(end, MAX_LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  source.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_DISCARDED_BYTES) end();
  });
  source.once('end', end);
  source.resume();
}
