import { once } from 'node:events';
import { Server } from 'node:net';
import { type Clock, pause } from '../clock.ts';
import { endConnections, letClientsGo, type WebServer } from './serve.ts';

/** Time in which a client that keeps its connection sends its next request, or closes the connection. */
const CLIENTS_GO_MS = 3_000;
/** Longest wait for a connection after which to stop listening. */
const QUIET_MS = 1_000;

/**
 * Ends a server that `listenShared` started, after its successor has begun to listen on the same port. The
 * answers become the last ones of their connections, so that clients connect to the successor. What a client
 * sends on a connection that it keeps is answered for some seconds; `drain` would close the connection.
 */
export async function handOver(server: WebServer, graceMs: number, clock: Clock): Promise<void> {
  if (!server.listening) return;
  letClientsGo(server);
  await emptyQueue(server, clock);
  const closed = once(server, 'close');
  // That of an HTTP server would also close the connections without a request.
  Server.prototype.close.call(server);
  const isClosed = new AbortController();
  const ended = closed.finally(() => isClosed.abort());
  await pause(clock, CLIENTS_GO_MS, isClosed.signal);
  if (!isClosed.signal.aborted) await endConnections(server, graceMs, ended);
}

/**
 * Waits until no connection waits to be accepted: the kernel resets those when a server stops to listen. None
 * waits just after one was accepted, since all that wait are accepted in one go, and most likely none waits
 * while none comes.
 */
async function emptyQueue(server: WebServer, clock: Clock): Promise<void> {
  const accepted = new AbortController();
  const accept = () => accepted.abort();
  server.once('connection', accept);
  await pause(clock, QUIET_MS, accepted.signal);
  server.off('connection', accept);
  await new Promise((resolve) => setImmediate(resolve));
}
