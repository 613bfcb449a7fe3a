import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { proxyError, proxyRefusal, proxyUnreachable } from './proxy-fault.ts';

/** Shorter than the five seconds or more for which callers wait, so that the error names the proxy. */
export const TUNNEL_TIMEOUT_MS = 4_000;

/** A proxy, and the certificates by which it is trusted if it is asked over TLS; default: those of Node. */
export interface ProxyPeer {
  readonly proxy: URL;
  readonly ca?: readonly string[] | undefined;
}

/**
 * Opens a connection to a target through a proxy, by CONNECT. RFC 9110, section 9.3.6
 * @param authority host and port of the target: `sts.eu-central-1.amazonaws.com:443`, `[2001:db8::1]:443`
 * @throws PodroleError `PROXY_FAILED`
 */
export function openTunnel(
  { proxy, ca }: ProxyPeer,
  authority: string,
  timeoutMs = TUNNEL_TIMEOUT_MS,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const address = proxyAddress(proxy);
  const options: RequestOptions & { ca?: string[]; servername: string } = {
    ...address,
    // Otherwise Node would take the name of the target, from Host. An IP address is never sent. RFC 6066
    servername: isIP(address.host) ? '' : address.host,
    ...(ca && { ca: [...ca] }),
    method: 'CONNECT',
    path: authority,
    agent: false,
    setHost: false,
    headers: { Host: authority, 'User-Agent': 'podrole', ...proxyAuthorization(proxy) },
  };
  const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)(options);
  const silent = () => proxyError(proxy, authority, `did not answer within ${timeoutMs} ms`, 'unreachable');
  const timer = setTimeout(() => {
    reject(silent());
    request.destroy();
  }, timeoutMs);
  request
    .on('connect', ({ statusCode = 0 }: IncomingMessage, socket: Socket, head: Buffer) => {
      clearTimeout(timer);
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(proxyRefusal(proxy, authority, statusCode));
    })
    .on('error', (thrown) => {
      clearTimeout(timer);
      reject(proxyUnreachable(proxy, authority, thrown));
    })
    .end();
  return promise;
}

/** Returns the host and port of a proxy, as Node takes them. */
export function proxyAddress({ protocol, hostname, port }: URL): {
  readonly host: string;
  readonly port: number;
} {
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
  };
}

/** Returns the header that shows the user and password of a proxy's URL; empty if it has neither. */
export function proxyAuthorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const credentials = `${decoded(username)}:${decoded(password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
