import { once } from 'node:events';
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { messageOf, PodroleError } from '../lib/errors.ts';
import { asObject, asText } from '../lib/json/json.ts';
import { readBounded } from '../lib/read-bounded.ts';
import { redactSecrets } from '../lib/text/redact.ts';
import { type Parts, parseParts } from './json-parts.ts';
import { OBJECT_MAX_BYTES, type OnLine, splitLines } from './lines.ts';
import { createTurns } from './one-at-a-time.ts';

export interface ApiAnswer {
  readonly status: number;
  /** Parsed JSON. */
  readonly body: unknown;
}

/** Content types of a PATCH. [k8s] "API concepts", patches */
export type PatchType =
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/json-patch+json';

/** A change to be asked for. */
export interface ApiChange {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** For PATCH; default: a merge patch. */
  readonly patchType?: PatchType;
}

/** The API server: raw JSON in and out, no models. */
export interface ApiClient {
  /**
   * One GET.
   * @throws PodroleError `API_UNREACHABLE` where there is no answer in JSON within timeoutMs
   */
  get(path: string, limits: GetLimits): Promise<ApiAnswer>;
  /**
   * One GET of a page of a list, as bytes.
   * @returns an answer where the status is not 200; `too large` where there are more than maxBytes, of which the rest is not read
   * @throws PodroleError `API_UNREACHABLE` where there is no answer within timeoutMs
   */
  getPage(path: string, limits: Limits, maxBytes: number): Promise<ApiAnswer | Buffer | 'too large'>;
  /**
   * One change. It is never sent a second time: where no answer came, it may have been made.
   * @throws PodroleError `API_UNREACHABLE` where there is no answer in JSON within timeoutMs
   */
  send(change: ApiChange, limits: Limits): Promise<ApiAnswer>;
  /**
   * One GET whose answer is a line of JSON at a time, until the server ends it or onLine returns `enough`.
   * @returns undefined at its end; the answer where the status is not 200
   * @throws PodroleError `API_UNREACHABLE` where the connection breaks, `API_SILENT` where nothing came for silenceMs; what onLine throws
   */
  stream(path: string, limits: StreamLimits, onLine: OnLine): Promise<ApiAnswer | undefined>;
  close(): void;
}

export interface Limits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface GetLimits extends Limits {
  /** On a connection of its own: a kept one may have been cut without a word. */
  readonly onNewConnection?: true;
  /** What is wanted of the object, default: all of it. Of a large object nothing else takes memory once its bytes are read. */
  readonly parts?: Parts;
}

export interface StreamLimits {
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/**
 * Larger answers are read one at a time: a hundred look-ups of ServiceAccounts that a tenant filled up to the limit would
 * take a gigabyte.
 */
const LARGE_BYTES = 256 * 1024;

/** Connections are kept: a live look-up must not pay for a TLS handshake. Client-node's own agents are used for proxies alone. */
export function createApiClient(config: KubeConfig): ApiClient {
  const server = config.getCurrentCluster()?.server.replace(/\/$/, '') ?? '';
  const proxied = config.getCurrentCluster()?.proxyUrl !== undefined;
  const agent = server.startsWith('http:')
    ? new HttpAgent({ keepAlive: true })
    : new HttpsAgent({ keepAlive: true });
  const takeLargeTurn = createTurns();

  async function open(
    path: string,
    signal: AbortSignal,
    connection: 'kept' | 'new' = 'kept',
    change?: ApiChange,
  ): Promise<IncomingMessage> {
    let request: ClientRequest | undefined;
    const options: RequestOptions = { method: change?.method ?? 'GET' };
    try {
      // At each request: tokens expire, and certificate files are replaced.
      await config.applyToHTTPSOptions(options);
      if (!proxied) options.agent = connection === 'kept' && agent;
      const body = change?.body === undefined ? undefined : JSON.stringify(change.body);
      options.headers = {
        ...options.headers,
        // As kubectl. The key set is served as application/jwk-set+json alone.
        Accept: 'application/json, */*',
        'User-Agent': 'podrole',
        ...(change && body !== undefined ? contentHeaders(change, body) : {}),
      };
      options.signal = signal;
      const url = new URL(server + path);
      request = url.protocol === 'http:' ? httpRequest(url, options) : httpsRequest(url, options);
      request.setSocketKeepAlive(true, 30_000);
      request.end(body);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      // Later errors reach the reader of the response; without a listener they would end the process.
      request.on('error', () => {});
      return response;
    } catch (thrown) {
      // A kept connection that the server closes while it is picked for this request says nothing about the server.
      if (request?.reusedSocket && !signal.aborted && !change) return open(path, signal, 'new');
      throw unreachable(server, path, reasonOf(signal) ?? thrown);
    }
  }

  async function exchange<T>(
    path: string,
    { timeoutMs, signal }: Limits,
    read: (response: IncomingMessage, limit: AbortSignal) => Promise<T>,
    connection: 'kept' | 'new' = 'kept',
    change?: ApiChange,
  ): Promise<T> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const response = await open(path, limit, connection, change);
    try {
      return await read(response, limit);
    } catch (thrown) {
      throw unreachable(server, path, reasonOf(limit) ?? thrown);
    }
  }

  /** @param parts of the body, where the status is 200 */
  async function readAnswer(
    response: IncomingMessage,
    signal: AbortSignal,
    parts?: Parts,
  ): Promise<ApiAnswer> {
    const status = response.statusCode ?? 0;
    let endTurn: (() => void) | undefined;
    const takeTurn = async (bytes: number) => {
      if (bytes > LARGE_BYTES) endTurn ??= await takeLargeTurn(signal);
    };
    try {
      const body = await readBounded(response, OBJECT_MAX_BYTES, takeTurn);
      if (!body) throw new Error(`the answer has more than ${OBJECT_MAX_BYTES} bytes`);
      return { status, body: parseBody(body, status, parts) };
    } finally {
      endTurn?.();
    }
  }

  return {
    get: (path, limits) =>
      exchange(
        path,
        limits,
        (response, signal) => readAnswer(response, signal, limits.parts),
        limits.onNewConnection ? 'new' : 'kept',
      ),
    getPage: (path, limits, maxBytes) =>
      exchange(path, limits, async (response, signal) =>
        response.statusCode === 200
          ? ((await readBounded(response, maxBytes)) ?? 'too large')
          : readAnswer(response, signal),
      ),
    // On a connection of its own, so that none is picked that the server is about to close.
    send: (change, limits) => exchange(change.path, limits, readAnswer, 'new', change),
    stream: async (path, { silenceMs, signal }, onLine) => {
      const silence = new AbortController();
      const timer = setTimeout(() => silence.abort(silent(server, path, silenceMs)), silenceMs);
      const limit = AbortSignal.any([signal, silence.signal]);
      try {
        const response = await open(path, limit);
        if (response.statusCode !== 200) return await readAnswer(response, limit);
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

function contentHeaders({ method, patchType }: ApiChange, body: string): Record<string, string | number> {
  const type = method === 'PATCH' ? (patchType ?? 'application/merge-patch+json') : 'application/json';
  return { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
}

function parseBody(body: Buffer, status: number, parts: Parts | undefined): unknown {
  try {
    return parts && status === 200 ? parseParts(body, parts) : JSON.parse(body.toString('utf8'));
  } catch (thrown) {
    // A proxy in between answers errors in HTML; the status is enough then.
    if (status !== 200) return undefined;
    throw thrown;
  }
}

/** Why an answer is not the one asked for: `403 forbidden: User … cannot list …`. */
export function describeAnswer({ status, body }: ApiAnswer): string {
  const message = asText(asObject(body)?.['message']);
  return `answered ${status}${message ? ` (${redactSecrets(message).slice(0, 300)})` : ''}`;
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
