import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasBody } from './body/has-body.ts';
import type { WebServer } from './connections.ts';

/** Enough for the rest of the largest review. A client that sends more is cut off. */
const MAX_DISCARDED_BYTES = 8 * 1024 * 1024;
const MAX_LINGER_MS = 5_000;

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
    socket.end();
    let bytes = 0;
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
    };
    const timer = setTimeout(end, MAX_LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_DISCARDED_BYTES) end();
    });
    request.once('end', end);
    request.resume();
  }
}
