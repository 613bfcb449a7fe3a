import type { ApiAnswer, ApiClient } from '../../kubernetes/api-client.ts';
import { LIST_PAGE_SIZE } from '../../lib/contract.ts';
import { asArray, asObject, asText } from '../../lib/json.ts';
import { ByName, type Kept } from './by-name.ts';
import { parseWatchEvent } from './watch-event.ts';

/** The state of a resource as of one version. */
export interface CompleteList<T extends Kept> {
  readonly all: ByName<T>;
  readonly resourceVersion: string;
}

export interface ListRequest<T> {
  readonly client: ApiClient;
  /** `/api/v1/serviceaccounts` */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** What is kept of a raw object; undefined where it is no such object. */
  readonly keep: (object: unknown) => T | undefined;
  /** The error for an answer, or an ERROR event, that brings no objects. */
  readonly refuse: (answer: ApiAnswer) => Error;
  readonly signal: AbortSignal;
}

/** A page of 500 takes an API server well under a second; this is its own limit for a request. */
const PAGE_TIMEOUT_MS = 60_000;
/** Room for a hundred times the 100,000 objects that arrive in some seconds. */
const STREAMING_LIST_SECONDS = 600;

export function pathWith(path: string, parameters: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams(parameters)}`;
}

/**
 * All objects, page by page, so that neither side holds more than one page in raw form. Without a resourceVersion: with `0` the API
 * server ignores the limit.
 */
export async function listPages<T extends Kept>(request: ListRequest<T>): Promise<CompleteList<T>> {
  const { client, path, keep, refuse, signal } = request;
  const all = new ByName<T>();
  let parameters: Record<string, string> = { ...request.parameters, limit: String(LIST_PAGE_SIZE) };
  for (;;) {
    const answer = await client.get(pathWith(path, parameters), { timeoutMs: PAGE_TIMEOUT_MS, signal });
    if (answer.status !== 200) throw refuse(answer);
    const list = asObject(answer.body);
    // An empty list may come as null from a server written in Go.
    for (const item of asArray(list?.['items']) ?? []) {
      const kept = keep(item);
      if (kept) all.set(kept);
    }
    const metadata = asObject(list?.['metadata']);
    const next = asText(metadata?.['continue']);
    const resourceVersion = asText(metadata?.['resourceVersion']);
    if (next) parameters = { ...parameters, continue: next };
    else if (resourceVersion) return { all, resourceVersion };
    else throw refuse({ status: answer.status, body: { message: 'a list without resourceVersion' } });
  }
}

/**
 * All objects as the initial events of a watch ("API concepts", streaming lists). They come in no order of versions, so they are
 * collected until their end is marked.
 * @param silenceMs gives up where nothing came for so long: an API server that does not know these parameters may ignore them
 */
export async function streamList<T extends Kept>(
  { client, path, parameters, keep, refuse, signal }: ListRequest<T>,
  silenceMs: number,
): Promise<CompleteList<T>> {
  const all = new ByName<T>();
  let resourceVersion: string | undefined;
  const streaming = pathWith(path, {
    ...parameters,
    watch: 'true',
    sendInitialEvents: 'true',
    allowWatchBookmarks: 'true',
    resourceVersionMatch: 'NotOlderThan',
    resourceVersion: '',
    timeoutSeconds: String(STREAMING_LIST_SECONDS),
  });
  const answer = await client.stream(streaming, { silenceMs, signal }, (line) => {
    const event = parseWatchEvent(line);
    if (event.type === 'ERROR') throw refuse({ status: event.status, body: event });
    if (event.type === 'BOOKMARK') {
      if (!event.endsInitialEvents) return undefined;
      resourceVersion = event.resourceVersion;
      return 'enough';
    }
    const kept = keep(event.object);
    if (kept && event.type === 'DELETED') all.delete(kept);
    else if (kept) all.set(kept);
    return undefined;
  });
  if (answer) throw refuse(answer);
  if (!resourceVersion)
    throw refuse({ status: 200, body: { message: 'the stream ended before its initial events did' } });
  return { all, resourceVersion };
}
