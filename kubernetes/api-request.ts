import { once } from 'node:events';
import {
  type ClientRequest,
  type Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { type Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { ForwardAgent, TunnelAgent } from '../lib/http/proxy/agents.ts';
import { parseProxy, proxyFor } from '../lib/http/proxy/proxy-for.ts';
import type { Env } from '../lib/surroundings.ts';
import { unreachable } from './api-faults.ts';

/**
 * An API server, and the connections to it that are kept: a live look-up must not pay for a TLS handshake.
 */
export interface ApiServer {
  readonly config: KubeConfig;
  /** Without a slash at its end. */
  readonly url: string;
  /** True if the kubeconfig names a SOCKS proxy, for which client-node has the agents. */
  readonly isSocks: boolean;
  readonly agent: HttpAgent | HttpsAgent;
  /** Agent whose connections are not kept. */
  readonly freshAgent: HttpAgent | HttpsAgent;
}

/**
 * As for kubectl, `proxy-url` of the kubeconfig comes before the variables, and NO_PROXY does not exclude it.
 * @param env names the proxies
 * @throws PodroleError `INVALID_SETTING` for a `proxy-url` that is not a URL
 */
export function apiServerOf(config: KubeConfig, env: Env): ApiServer {
  const cluster = config.getCurrentCluster();
  const url = cluster?.server.replace(/\/$/, '') ?? '';
  const isSocks = /^socks/i.test(cluster?.proxyUrl ?? '');
  const fixed = !isSocks && cluster?.proxyUrl ? parseProxy('proxy-url', cluster.proxyUrl) : undefined;
  const proxyOf = (target: URL) => fixed ?? proxyFor(target, env);
  const Agent = url.startsWith('http:') ? ForwardAgent : TunnelAgent;
  const agent = new Agent(proxyOf, { keepAlive: true });
  return { config, url, isSocks, agent, freshAgent: new Agent(proxyOf) };
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly connection: 'kept' | 'new';
  readonly content?: { readonly type: string; readonly text: string } | undefined;
}

/**
 * Sends a request, and waits for the headers of its answer. Only a GET is sent a second time: if the server
 * closed the kept connection that was picked for it.
 * @throws PodroleError `API_UNREACHABLE`
 */
export async function sendRequest(
  server: ApiServer,
  asked: ApiRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  let request: ClientRequest | undefined;
  try {
    const options = { ...(await requestOptions(server, asked)), signal };
    const url = new URL(server.url + asked.path);
    request = url.protocol === 'http:' ? httpRequest(url, options) : httpsRequest(url, options);
    request.setSocketKeepAlive(true, 30_000);
    request.end(asked.content?.text);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    // Later errors reach the reader of the response; without a listener they would end the process.
    request.on('error', () => {});
    return response;
  } catch (thrown) {
    // The server may close a kept connection at the moment at which it is picked. That is not a failure of
    // the server.
    if (request?.reusedSocket && !signal.aborted && asked.method === 'GET') {
      return sendRequest(server, { ...asked, connection: 'new' }, signal);
    }
    throw unreachable(server.url, asked.path, signal.aborted ? signal.reason : thrown);
  }
}

async function requestOptions(
  { config, isSocks, agent, freshAgent }: ApiServer,
  { method, connection, content }: ApiRequest,
): Promise<RequestOptions> {
  const options: RequestOptions = { method };
  // At each request: tokens expire, and certificate files are replaced.
  await config.applyToHTTPSOptions(options);
  if (!isSocks) options.agent = connection === 'kept' ? agent : freshAgent;
  options.headers = {
    ...options.headers,
    // As kubectl. The key set is served as application/jwk-set+json alone.
    Accept: 'application/json, */*',
    'User-Agent': 'podrole',
    ...(content && { 'Content-Type': content.type, 'Content-Length': Buffer.byteLength(content.text) }),
  };
  return options;
}
