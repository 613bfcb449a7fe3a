import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebServer } from './connections.ts';
import { hasBody } from './has-body.ts';

/** The rest of a largest review, and some: who has more to send than that is cut. */
const MAX_DISCARDED_BYTES = 8 * 1024 * 1024;
const MAX_LINGER_MS = 2_000;

/**
 * Lets a client read an answer that came before it had sent its whole body. Node closes a connection as soon as its last answer is
 * written; where bytes are unread then, the kernel sends a reset, and the client's own kernel throws the answer away with it. So the
 * sending side alone is closed, and what still comes is dropped, for a bounded time and up to a bounded number of bytes.
 * RFC 9112 section 9.6
 */
export function lingerOnClose(server: WebServer): void {
  server.on('request', (request, response) => {
    if (hasBody(request)) closeGently(request, response);
  });
}

function closeGently(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  // Node's HTTP server calls this, and nothing else, to end a connection after an answer.
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
