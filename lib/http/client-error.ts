import type { Socket } from 'node:net';
import { busyAnswer, type Connections, type WebServer } from './connections.ts';
import { endGently } from './lingering-close.ts';

/** Answers by the code of Node's error. */
const ANSWERS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};
const UNPARSABLE = '400 Bad Request';

/**
 * Answers a request that is not HTTP, is too slow, or has too large headers, so that its client can read the
 * answer. Node would close the connection at once, and unread bytes make that a reset.
 */
export function answerClientErrors(server: WebServer, connections: Connections): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const { code = '' } = error;
    const isTimeout = code === 'ERR_HTTP_REQUEST_TIMEOUT';
    // The rest are connections that are broken, or whose TLS handshake failed.
    const isParsed = isTimeout || code.startsWith('HPE_');
    if (!isParsed || socket.destroyed || (socket.writableEnded && socket.readableEnded)) {
      socket.destroy();
      return;
    }
    // A connection that lingers has a limit of its own.
    if (isTimeout && socket.writableEnded) return;
    // Another answer would be taken for the continuation of one that is half sent.
    const isAnswered = socket.writableEnded || busyAnswer(connections, socket)?.headersSent;
    const status = ANSWERS[code] ?? UNPARSABLE;
    endGently(
      socket,
      isAnswered ? '' : `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
  });
}
