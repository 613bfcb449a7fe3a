import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
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

/**
 * Ends a server: no new connection, idle ones closed at once, busy ones after their answer, all of them after graceMs.
 * kube-apiserver keeps its connections to a webhook open and would go on using them.
 */
export async function drain(server: WebServer, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.on('request', (_request, response) => response.setHeader('Connection', 'close'));
  server.close();
  server.closeIdleConnections();
  const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  try {
    await closed;
  } finally {
    clearTimeout(deadline);
    clearInterval(sweep);
  }
}
