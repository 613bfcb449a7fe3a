import type { ApiAnswer, ApiClient } from '../api-client.ts';
import type { Parts } from '../read/json-parts.ts';
import { readPages } from '../read/read-pages.ts';
import type { ByName, Kept } from './by-name.ts';
import { METADATA_PARTS, parseWatchEvent } from './watch-event.ts';

/** State of a resource as of one version. */
export interface CompleteList<T extends Kept> {
  readonly all: ByName<T>;
  readonly resourceVersion: string;
}

export interface ListRequest<T extends Kept> {
  readonly client: ApiClient;
  /** `/api/v1/serviceaccounts` */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Parts of an object that `keep` reads besides its name, version and annotations. */
  readonly parts: Parts;
  /** Returns what is kept of an object; undefined if it is another kind of object. */
  readonly keep: (object: unknown) => T | undefined;
  /** Makes the error for an answer, or an ERROR event, that brings no objects. */
  readonly refuse: (answer: ApiAnswer) => Error;
  /** Creates the store for what is kept. */
  readonly empty: () => ByName<T>;
  readonly signal: AbortSignal;
}

/** An API server needs well under a second for a page; this is its own limit for a request. */
const PAGE_TIMEOUT_MS = 60_000;
/** Enough for a hundred times the 100,000 objects that arrive within some seconds. */
const STREAMING_LIST_SECONDS = 600;

export function pathWith(path: string, parameters: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams(parameters)}`;
}

/** Lists all objects, page by page. */
export async function listByPages<T extends Kept>(request: ListRequest<T>): Promise<CompleteList<T>> {
  const { keep, refuse, signal } = request;
  const all = request.empty();
  const parts = { ...request.parts, ...METADATA_PARTS };
  const limits = { timeoutMs: PAGE_TIMEOUT_MS, signal };
  let version: string | undefined;
  for await (const { objects, resourceVersion } of readPages({ ...request, parts, limits })) {
    for (const object of objects) {
      const kept = keep(object);
      if (kept) all.set(kept);
    }
    version = resourceVersion;
  }
  if (!version) throw refuse({ status: 200, body: { message: 'a list without resourceVersion' } });
  return { all, resourceVersion: version };
}

/**
 * Lists all objects by the initial events of a watch ("API concepts", streaming lists). Those are not in the
 * order of their versions, so they are collected until a bookmark marks their end.
 * @param silenceMs longest time without an event: an API server may ignore these parameters if it does not
 *   know them
 */
export async function listByStream<T extends Kept>(
  { client, path, parameters, parts, keep, refuse, empty, signal }: ListRequest<T>,
  silenceMs: number,
): Promise<CompleteList<T>> {
  const all = empty();
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
    const event = parseWatchEvent(line, parts);
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
