import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from '../../lib/http/serve.ts';

/** A request as the server received it. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path with its query string. */
  readonly target: string;
  readonly pathname: string;
  readonly searchParams: URLSearchParams;
  readonly contentType: string | undefined;
  /** `Bearer …` */
  readonly authorization?: string | undefined;
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
}

/** An answer in JSON. */
export interface FakeAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Answer to a request that goes wrong; `silence`: no answer at all. */
export type Trouble = { readonly status: number; readonly message?: string } | 'silence';

type RouteResult = FakeAnswer | 'streaming' | undefined;

/**
 * A part of an API server.
 * @returns undefined for a request that belongs to another route; `streaming` after it has begun to write to
 * the response itself
 */
export type ApiRoute = (
  request: ReceivedRequest,
  response: ServerResponse,
) => RouteResult | Promise<RouteResult>;

/** The HTTP shell of an API server: it records every request and asks its routes in order. */
export interface FakeApiServer {
  /** For `--kube-api`. */
  readonly url: string;
  /** Every request so far. */
  readonly requests: readonly ReceivedRequest[];
  /** Number of connections so far. */
  readonly connections: () => number;
  /** Resolves once this many requests, past or future, meet the condition; returns the last of them. */
  readonly requested: (
    holds: (request: ReceivedRequest) => boolean,
    times?: number,
  ) => Promise<ReceivedRequest>;
  /** Runs before the routes. */
  trouble: (request: ReceivedRequest) => Trouble | undefined;
  /** Runs after a route has decided its answer, and before the answer is sent. */
  beforeAnswer: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const WAIT_MS = 5_000;

/** Starts a fake API server; a request that no route takes is answered with 404. */
export async function startFakeApiServer(...routes: readonly ApiRoute[]): Promise<FakeApiServer> {
  const requests: ReceivedRequest[] = [];
  const events = new EventEmitter().setMaxListeners(0);
  let connections = 0;

  const server = createServer(async (incoming, response) => {
    const request = requestOf(incoming, incoming.method === 'GET' ? '' : await text(incoming));
    requests.push(request);
    events.emit('request');
    const trouble = api.trouble(request);
    if (trouble === 'silence') return;
    if (trouble) return send(response, statusAnswer(trouble.status, trouble.message));
    const answer = await firstAnswer(routes, request, response);
    if (answer === 'streaming') return;
    await api.beforeAnswer();
    send(response, answer ?? statusAnswer(404, 'not found'));
  });
  server.on('connection', () => {
    connections += 1;
  });

  const api: FakeApiServer = {
    url: `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`,
    requests,
    connections: () => connections,
    requested: async (holds, times = 1) => {
      const timeout = AbortSignal.timeout(WAIT_MS);
      for (;;) {
        const found = requests.filter(holds)[times - 1];
        if (found) return found;
        await once(events, 'request', { signal: timeout });
      }
    },
    trouble: () => undefined,
    beforeAnswer: async () => {},
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return api;
}

/** Returns a Status object of Kubernetes as an answer. */
export function statusAnswer(status: number, message?: string): FakeAnswer {
  return { status, body: { kind: 'Status', code: status, message } };
}

function requestOf({ method = '', url = '/', headers }: IncomingMessage, body: string): ReceivedRequest {
  const { pathname, searchParams } = new URL(url, 'http://api');
  const contentType = headers['content-type'];
  const parsed: unknown = body === '' ? undefined : JSON.parse(body);
  const { authorization } = headers;
  return { method, target: url, pathname, searchParams, contentType, authorization, body: parsed };
}

/** Asks one route after another; nothing is awaited before a route that answers at once. */
async function firstAnswer(
  routes: readonly ApiRoute[],
  request: ReceivedRequest,
  response: ServerResponse,
): Promise<RouteResult> {
  for (const route of routes) {
    const result = route(request, response);
    const answer = result instanceof Promise ? await result : result;
    if (answer) return answer;
  }
  return undefined;
}

function send(response: ServerResponse, { status, body }: FakeAnswer): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
