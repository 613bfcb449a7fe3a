import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { proxyError, proxyFaultOf, proxyRefusal, proxyUnreachable } from './proxy-fault.ts';
import { TUNNEL_TIMEOUT_MS } from './tunnel.ts';

/**
 * Makes a request for plain http fail with the error of its proxy. The proxy is the only peer of such a
 * request: it is the reason of each error before the answer, and of each answer 407. Every other status may
 * be the target's. Callers such as the AWS SDK see only the request's events, so these are changed.
 */
export function reportProxyFailures(request: ClientRequest, proxy: URL, { host: target }: URL): void {
  let isAnswered = false;
  const emit = request.emit.bind(request);
  request.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    const [given] = args;
    if (event === 'response') {
      isAnswered = true;
      if ((given as IncomingMessage).statusCode === 407) {
        request.destroy(proxyRefusal(proxy, target, 407));
        return true;
      }
    }
    if (event !== 'error' || isAnswered || isAbort(given) || proxyFaultOf(given)) return emit(event, ...args);
    return emit(event, proxyUnreachable(proxy, target, given));
  };
  request.once('socket', (socket: Socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => {
      const problem = `did not answer within ${TUNNEL_TIMEOUT_MS} ms`;
      request.destroy(proxyError(proxy, target, problem, 'unreachable'));
    }, TUNNEL_TIMEOUT_MS);
    const stop = () => clearTimeout(timer);
    socket.once('connect', stop).once('close', stop);
  });
}

/** True if the caller itself ended the request. */
function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError';
}
