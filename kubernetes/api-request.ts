import { once } from 'node:events';
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { unreachable } from './api-faults.ts';

/**
 * An API server, and the connections to it that are kept: a live look-up must not pay for a TLS handshake.
 */
export interface ApiServer {
  readonly config: KubeConfig;
  /** Without a slash at its end. */
  readonly url: string;
  /** Client-node's own agents are used for proxies alone. */
  readonly isProxied: boolean;
  readonly agent: HttpAgent | HttpsAgent;
}

export function apiServerOf(config: KubeConfig): ApiServer {
  const cluster = config.getCurrentCluster();
  const url = cluster?.server.replace(/\/$/, '') ?? '';
  const options = { keepAlive: true };
  const agent = url.startsWith('http:') ? new HttpAgent(options) : new HttpsAgent(options);
  return { config, url, isProxied: cluster?.proxyUrl !== undefined, agent };
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
  { config, isProxied, agent }: ApiServer,
  { method, connection, content }: ApiRequest,
): Promise<RequestOptions> {
  const options: RequestOptions = { method };
  // At each request: tokens expire, and certificate files are replaced.
  await config.applyToHTTPSOptions(options);
  if (!isProxied) options.agent = connection === 'kept' && agent;
  options.headers = {
    ...options.headers,
    // As kubectl. The key set is served as application/jwk-set+json alone.
    Accept: 'application/json, */*',
    'User-Agent': 'podrole',
    ...(content && { 'Content-Type': content.type, 'Content-Length': Buffer.byteLength(content.text) }),
  };
  return options;
}
