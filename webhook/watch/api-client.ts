import { once } from 'node:events';
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { asObject, asText } from '../../lib/json.ts';
import { type OnLine, splitLines } from './lines.ts';

export interface ApiAnswer {
  readonly status: number;
  /** Parsed JSON. */
  readonly body: unknown;
}

/** The API server, as far as reading goes: raw JSON in, no models. */
export interface ApiClient {
  /**
   * One GET.
   * @throws PodroleError `API_UNREACHABLE` where there is no answer in JSON within timeoutMs
   */
  get(path: string, limits: GetLimits): Promise<ApiAnswer>;
  /**
   * One GET whose answer is a line of JSON at a time, until the server ends it or onLine returns `enough`.
   * @returns undefined at its end; the answer where the status is not 200
   * @throws PodroleError `API_UNREACHABLE` where the connection breaks, `API_SILENT` where nothing came for silenceMs; what onLine throws
   */
  stream(path: string, limits: StreamLimits, onLine: OnLine): Promise<ApiAnswer | undefined>;
  close(): void;
}

export interface GetLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** On a connection of its own: a kept one may have been cut without a word. */
  readonly onNewConnection?: true;
}

export interface StreamLimits {
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** A page of 500 objects of the largest size that etcd takes would be more; such objects are no ServiceAccounts. */
const BODY_MAX_BYTES = 64 * 1024 * 1024;

/** Connections are kept: a live look-up must not pay for a TLS handshake. Client-node's own agents are used for proxies alone. */
export function createApiClient(config: KubeConfig): ApiClient {
  const server = config.getCurrentCluster()?.server.replace(/\/$/, '') ?? '';
  const proxied = config.getCurrentCluster()?.proxyUrl !== undefined;
  const agent = server.startsWith('http:')
    ? new HttpAgent({ keepAlive: true })
    : new HttpsAgent({ keepAlive: true });

  async function open(
    path: string,
    signal: AbortSignal,
    connection: 'kept' | 'new' = 'kept',
  ): Promise<IncomingMessage> {
    let request: ClientRequest | undefined;
    const options: RequestOptions = {};
    try {
      // At each request: tokens expire, and certificate files are replaced.
      await config.applyToHTTPSOptions(options);
      if (!proxied) options.agent = connection === 'kept' && agent;
      options.headers = { ...options.headers, Accept: 'application/json', 'User-Agent': 'podrole' };
      options.signal = signal;
      const url = new URL(server + path);
      request = url.protocol === 'http:' ? httpRequest(url, options) : httpsRequest(url, options);
      request.setSocketKeepAlive(true, 30_000);
      request.end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      // Later errors reach the reader of the response; without a listener they would end the process.
      request.on('error', () => {});
      return response;
    } catch (thrown) {
      // A kept connection that the server closes while it is picked for this request says nothing about the server.
      if (request?.reusedSocket && !signal.aborted) return open(path, signal, 'new');
      throw unreachable(server, path, reasonOf(signal) ?? thrown);
    }
  }

  return {
    get: async (path, { timeoutMs, signal, onNewConnection }) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const response = await open(path, limit, onNewConnection ? 'new' : 'kept');
      try {
        return await readAnswer(response);
      } catch (thrown) {
        throw unreachable(server, path, reasonOf(limit) ?? thrown);
      }
    },
    stream: async (path, { silenceMs, signal }, onLine) => {
      const silence = new AbortController();
      const timer = setTimeout(() => silence.abort(silent(server, path, silenceMs)), silenceMs);
      const limit = AbortSignal.any([signal, silence.signal]);
      try {
        const response = await open(path, limit);
        if (response.statusCode !== 200) return await readAnswer(response);
        response.setEncoding('utf8');
        const split = splitLines(onLine);
        for await (const chunk of response) {
          timer.refresh();
          if (split(chunk) === 'enough') break;
        }
        return undefined;
      } catch (thrown) {
        if (silence.signal.aborted) throw silence.signal.reason;
        throw thrown instanceof PodroleError ? thrown : unreachable(server, path, thrown);
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => agent.destroy(),
  };
}

async function readAnswer(response: IncomingMessage): Promise<ApiAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > BODY_MAX_BYTES) throw new Error(`the answer has more than ${BODY_MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  const status = response.statusCode ?? 0;
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return { status, body: JSON.parse(text) };
  } catch (thrown) {
    // A proxy in between answers errors in HTML; the status is enough then.
    if (status !== 200) return { status, body: undefined };
    throw thrown;
  }
}

/** Why an answer is not the one asked for: `403 forbidden: User … cannot list …`. */
export function describeAnswer({ status, body }: ApiAnswer): string {
  const message = asText(asObject(body)?.['message']);
  return `answered ${status}${message ? ` (${message.slice(0, 300)})` : ''}`;
}

function reasonOf(signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : undefined;
}

function unreachable(server: string, path: string, cause: unknown): PodroleError {
  return new PodroleError(
    {
      code: 'API_UNREACHABLE',
      object: `API server ${server}${path.split('?', 1)[0]}`,
      problem: messageOf(cause),
      remedy:
        'check that this address answers from here and that its certificate is the one of the kubeconfig',
    },
    { cause },
  );
}

function silent(server: string, path: string, silenceMs: number): PodroleError {
  return new PodroleError({
    code: 'API_SILENT',
    object: `API server ${server}${path.split('?', 1)[0]}`,
    problem: `sent nothing for ${silenceMs} ms`,
    remedy: 'none needed once; if it recurs, something between here and the API server drops connections',
  });
}
