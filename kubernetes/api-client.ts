import type { IncomingMessage } from 'node:http';
import type { KubeConfig } from '@kubernetes/client-node';
import { PodroleError } from '../lib/errors.ts';
import { asObject, asText } from '../lib/json/json.ts';
import { parseJson } from '../lib/json/parse-json.ts';
import { readBounded } from '../lib/read-bounded.ts';
import type { Env } from '../lib/surroundings.ts';
import { redactSecrets } from '../lib/text/redact.ts';
import { silent, unreachable } from './api-faults.ts';
import { type ApiRequest, type ApiServer, apiServerOf, sendRequest } from './api-request.ts';
import { isMadeUp } from './kube-config.ts';
import { type Parts, parseParts } from './read/json-parts.ts';
import { OBJECT_MAX_BYTES, type OnLine, splitLines } from './read/lines.ts';
import { oneAtATime, type TakeTurn } from './read/one-at-a-time.ts';

export interface ApiAnswer {
  readonly status: number;
  /** Parsed JSON. */
  readonly body: unknown;
  /** Warnings of the API server and of admission webhooks, if there are any. */
  readonly warnings?: readonly string[];
  /** Header `Date`: the clock of the server, or of a proxy that answers in its place. */
  readonly date?: string;
  /** URL of the API server, for faults. */
  readonly server?: string;
  /** Context and user of the kubeconfig, for a 401: `user "admin" of context "prod"`. */
  readonly user?: string | undefined;
}

/** Content types of a PATCH. [k8s] "API concepts", patches */
export type PatchType =
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/json-patch+json'
  | 'application/apply-patch+yaml';

/** Change to ask for. */
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
   * Sends one GET.
   * @throws PodroleError `API_UNREACHABLE` if there is no answer in JSON within timeoutMs
   */
  get(path: string, limits: GetLimits): Promise<ApiAnswer>;
  /**
   * Gets one page of a list, as bytes.
   * @returns the answer if its status is not 200; `too large` if there are more than maxBytes: the rest is
   *   not read
   * @throws PodroleError `API_UNREACHABLE` if there is no answer within timeoutMs
   */
  getPage(path: string, limits: Limits, maxBytes: number): Promise<ApiAnswer | Buffer | 'too large'>;
  /**
   * Asks for one change. It is never sent a second time: if no answer came, the change may have been made.
   * @throws PodroleError `API_UNREACHABLE` if there is no answer in JSON within timeoutMs
   */
  send(change: ApiChange, limits: Limits): Promise<ApiAnswer>;
  /**
   * Gets lines of JSON, until the server ends the answer or onLine returns `enough`.
   * @returns undefined at the end; the answer if its status is not 200
   * @throws PodroleError `API_UNREACHABLE` if the connection breaks, `API_SILENT` if nothing comes for
   *   silenceMs; what onLine throws
   */
  stream(path: string, limits: StreamLimits, onLine: OnLine): Promise<ApiAnswer | undefined>;
  close(): void;
}

export interface Limits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface GetLimits extends Limits {
  /** Opens a new connection: a kept one may be broken without a sign of it. */
  readonly onNewConnection?: true;
  /** Wanted parts of the object; default: all of it. Other parts take no memory once the bytes are read. */
  readonly parts?: Parts;
}

export interface StreamLimits {
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/**
 * Answers that are larger are read one at a time: a hundred look-ups of ServiceAccounts that a tenant filled
 * up to the limit would take a gigabyte.
 */
const LARGE_BYTES = 256 * 1024;

/** @param env names the proxies; default: none */
export function createApiClient(config: KubeConfig, env: Env = {}): ApiClient {
  const server = apiServerOf(config, env);
  const takeTurn = oneAtATime();
  return {
    get: (path, limits) => {
      const connection = limits.onNewConnection ? 'new' : 'kept';
      return exchange(server, { method: 'GET', path, connection }, limits, (response, signal) =>
        readAnswer(server, response, { signal, takeTurn, parts: limits.parts }),
      );
    },
    getPage: (path, limits, maxBytes) =>
      exchange(server, { method: 'GET', path, connection: 'kept' }, limits, async (response, signal) =>
        response.statusCode === 200
          ? ((await readBounded(response, maxBytes)) ?? 'too large')
          : readAnswer(server, response, { signal, takeTurn }),
      ),
    send: (change, limits) =>
      exchange(server, requestFor(change), limits, (response, signal) =>
        readAnswer(server, response, { signal, takeTurn }),
      ),
    stream: (path, limits, onLine) => readLines(server, path, limits, onLine, takeTurn),
    close: () => {
      server.agent.destroy();
      server.freshAgent.destroy();
    },
  };
}

/**
 * The connection is a new one, since the server may be about to close a kept one, and a change is not sent
 * twice.
 */
function requestFor({ method, path, body, patchType }: ApiChange): ApiRequest {
  const type = method === 'PATCH' ? (patchType ?? 'application/merge-patch+json') : 'application/json';
  const content = body === undefined ? undefined : { type, text: JSON.stringify(body) };
  return { method, path, connection: 'new', content };
}

async function exchange<T>(
  server: ApiServer,
  request: ApiRequest,
  { timeoutMs, signal }: Limits,
  read: (response: IncomingMessage, limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const response = await sendRequest(server, request, limit);
  try {
    return await read(response, limit);
  } catch (thrown) {
    throw unreachable(server.url, request.path, limit.aborted ? limit.reason : thrown);
  }
}

async function readLines(
  server: ApiServer,
  path: string,
  { silenceMs, signal }: StreamLimits,
  onLine: OnLine,
  takeTurn: TakeTurn,
): Promise<ApiAnswer | undefined> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(silent(server.url, path, silenceMs)), silenceMs);
  const limit = AbortSignal.any([signal, silence.signal]);
  try {
    const response = await sendRequest(server, { method: 'GET', path, connection: 'kept' }, limit);
    if (response.statusCode !== 200) return await readAnswer(server, response, { signal: limit, takeTurn });
    const split = splitLines(onLine);
    for await (const chunk of response) {
      timer.refresh();
      if (split(chunk) === 'enough') break;
    }
    return undefined;
  } catch (thrown) {
    if (silence.signal.aborted) throw silence.signal.reason;
    throw thrown instanceof PodroleError ? thrown : unreachable(server.url, path, thrown);
  } finally {
    clearTimeout(timer);
  }
}

interface Reading {
  readonly signal: AbortSignal;
  /** For a large answer. */
  readonly takeTurn: TakeTurn;
  /** Wanted of the body if the status is 200; default: all of it. */
  readonly parts?: Parts | undefined;
}

async function readAnswer(
  { config, url: server }: ApiServer,
  response: IncomingMessage,
  { signal, takeTurn, parts }: Reading,
): Promise<ApiAnswer> {
  const status = response.statusCode ?? 0;
  let endTurn: (() => void) | undefined;
  const onBytes = async (bytes: number) => {
    if (bytes > LARGE_BYTES) endTurn ??= await takeTurn(signal);
  };
  try {
    const body = await readBounded(response, OBJECT_MAX_BYTES, onBytes);
    if (!body) throw new Error(`the answer has more than ${OBJECT_MAX_BYTES} bytes`);
    const parsed = parseBody(body, status, parts);
    const warnings = warningsOf(response.headers.warning);
    const { date } = response.headers;
    const noted = { ...(warnings.length > 0 && { warnings }), ...(date !== undefined && { date }) };
    const answer = { status, body: parsed, server, ...noted };
    return status === 401 ? { ...answer, user: describeUser(config) } : answer;
  } finally {
    endTurn?.();
  }
}

/** Reads `299 - "one", 299 - "two"`, as Kubernetes sends its warnings. */
function warningsOf(header: string | undefined): readonly string[] {
  const [, ...warnings] = (header ?? '').split('299 - "');
  return warnings.map((text) => redactSecrets(text.slice(0, text.lastIndexOf('"')).replaceAll('\\"', '"')));
}

function parseBody(body: Buffer, status: number, parts: Parts | undefined): unknown {
  try {
    return parts && status === 200 ? parseParts(body, parts) : parseJson(body.toString('utf8'));
  } catch (thrown) {
    // A proxy in between answers errors in HTML; the status is enough then.
    if (status !== 200) return undefined;
    throw thrown;
  }
}

/** Returns undefined if no kubeconfig names a context. */
function describeUser(config: KubeConfig): string | undefined {
  const context = config.getContextObject(config.getCurrentContext());
  if (!context || isMadeUp(context.name)) return undefined;
  return `user ${JSON.stringify(context.user)} of context ${JSON.stringify(context.name)}`;
}

/** Describes an answer that is not the expected one: `answered 403 (User … cannot list …)`. */
export function describeAnswer({ status, body, user }: ApiAnswer): string {
  const message = asText(asObject(body)?.['message']);
  const to = user === undefined ? '' : ` to ${user}`;
  return `answered ${status}${to}${message ? ` (${redactSecrets(message).slice(0, 300)})` : ''}`;
}
