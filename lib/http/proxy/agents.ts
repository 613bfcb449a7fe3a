import { type ClientRequest, Agent as HttpAgent, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { reportProxyFailures } from './forward-failures.ts';
import { openTunnel, type ProxyPeer, proxyAddress, proxyAuthorization } from './tunnel.ts';

/** Chooses the proxy for a target; undefined for a direct connection. */
export type ChooseProxy = (target: URL) => URL | undefined;

export interface ProxiedAgentOptions {
  readonly keepAlive?: boolean;
  /** Certificates to trust, in PEM; default: those of Node. */
  readonly ca?: readonly string[] | undefined;
}

type OnConnection = (error: Error | null, stream: Duplex) => void;

/**
 * Agent for https. It connects through the proxy of each target, by a tunnel in which the target's own
 * certificate is verified.
 */
export class TunnelAgent extends HttpsAgent {
  readonly #proxyOf: ChooseProxy;
  readonly #ca: readonly string[] | undefined;

  constructor(proxyOf: ChooseProxy, { keepAlive = false, ca }: ProxiedAgentOptions = {}) {
    super({ keepAlive, ...(ca && { ca: [...ca] }) });
    this.#proxyOf = proxyOf;
    this.#ca = ca;
  }

  override createConnection(options: RequestOptions, callback?: OnConnection): Duplex | null | undefined {
    const target = targetOf('https', options);
    const proxy = this.#proxyOf(target);
    if (!proxy) return super.createConnection(options, callback);
    const secured = (socket: Duplex) => super.createConnection({ ...options, ...{ socket } });
    tunnel({ proxy, ca: this.#ca }, target, secured, callback);
    return undefined;
  }
}

/** Node's own method, which its types leave out: gives a request a connection. */
interface AddsRequests {
  addRequest(this: HttpAgent, request: ClientRequest, options: RequestOptions): void;
}

const { addRequest } = HttpAgent.prototype as HttpAgent & AddsRequests;

/**
 * Agent for http. It sends a request for a target with a proxy to that proxy, with the whole URL as its
 * target (RFC 9112, section 3.2.2): most proxies allow CONNECT only for https.
 */
export class ForwardAgent extends HttpAgent implements AddsRequests {
  readonly #proxyOf: ChooseProxy;
  readonly #ca: readonly string[] | undefined;

  constructor(proxyOf: ChooseProxy, { keepAlive = false, ca }: ProxiedAgentOptions = {}) {
    super({ keepAlive });
    this.#proxyOf = proxyOf;
    this.#ca = ca;
  }

  /** A proxy that is asked over TLS gets CONNECT all the same. */
  override createConnection(options: RequestOptions, callback?: OnConnection): Duplex | null | undefined {
    const target = targetOf('http', options);
    const proxy = this.#proxyOf(target);
    if (proxy?.protocol !== 'https:') return super.createConnection(options, callback);
    tunnel({ proxy, ca: this.#ca }, target, (socket) => socket, callback);
    return undefined;
  }

  addRequest(request: ClientRequest, options: RequestOptions): void {
    const target = targetOf('http', options);
    const proxy = this.#proxyOf(target);
    if (proxy?.protocol !== 'http:') {
      addRequest.call(this, request, options);
      return;
    }
    reportProxyFailures(request, proxy, target);
    // Not resolved as a reference: `//other/` would be the path of another host, and a signature covers `..`.
    request.path = `${target.origin}${request.path}`;
    for (const [name, value] of Object.entries(proxyAuthorization(proxy))) request.setHeader(name, value);
    addRequest.call(this, request, { ...options, ...proxyAddress(proxy) });
  }
}

function tunnel(
  peer: ProxyPeer,
  target: URL,
  use: (socket: Duplex) => Duplex | null | undefined,
  callback: OnConnection | undefined,
): void {
  const port = target.port || (target.protocol === 'https:' ? 443 : 80);
  openTunnel(peer, `${target.hostname}:${port}`).then(
    (socket) => {
      const used = use(socket);
      if (used) callback?.(null, used);
    },
    // After an error Node does not look at the stream.
    (thrown: Error) => callback?.(thrown, undefined as never),
  );
}

function targetOf(scheme: 'http' | 'https', { host, port }: RequestOptions): URL {
  const name = host ?? 'localhost';
  return new URL(`${scheme}://${isIPv6(name) ? `[${name}]` : name}:${port ?? ''}`);
}
