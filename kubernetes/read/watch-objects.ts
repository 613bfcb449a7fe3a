import { type Clock, pause } from '../../lib/clock.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import type { ApiAnswer, ApiClient } from '../api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../command-timeout.ts';

export interface ObjectWatch {
  /** `/api/v1/namespaces/shop/pods` */
  readonly path: string;
  /** `metadata.name=web`: few objects, so that a list of them is small. */
  readonly fieldSelector: string;
  readonly onObject: (object: JsonObject, isDeleted: boolean) => void;
  /** Takes all objects of a list, after onObject took each. */
  readonly onListed?: (objects: readonly JsonObject[]) => void;
  readonly signal: AbortSignal;
}

/** The API server ends each watch after this time; a silent one is broken a little later. */
const WATCH_SECONDS = 60;
const PAUSE_MS = 500;

/**
 * Watches a few objects for a command that a person waits for: lists them, watches them, and lists them again
 * when the watch ends, until the signal is aborted.
 * @returns undefined after the signal was aborted; the answer if the API server refused list or watch
 */
export async function watchObjects(
  client: Pick<ApiClient, 'get' | 'stream'>,
  watch: ObjectWatch,
  clock: Clock,
): Promise<ApiAnswer | undefined> {
  const { path, fieldSelector, onObject, onListed, signal } = watch;
  for (; !signal.aborted; await pause(clock, PAUSE_MS, signal)) {
    try {
      const query = new URLSearchParams({ fieldSelector });
      const list = await client.get(`${path}?${query}`, { timeoutMs: CLUSTER_TIMEOUT_MS, signal });
      if (passes(list)) continue;
      if (list.status !== 200) return list;
      const body = asObject(list.body);
      const items = (asArray(body?.['items']) ?? []).map(asObject);
      const objects = items.filter((object) => object !== undefined);
      for (const object of objects) onObject(object, false);
      onListed?.(objects);
      const refused = await follow(client, watch, asText(metadataOf(body)?.['resourceVersion']) ?? '');
      if (refused && refused.status !== 410 && !passes(refused)) return refused;
    } catch {
      // A broken connection. The next list finds what was missed.
    }
  }
  return undefined;
}

/** True for an answer of an API server that starts, or has too much to do. */
function passes({ status }: ApiAnswer): boolean {
  return status === 429 || status >= 500;
}

function follow(
  client: Pick<ApiClient, 'stream'>,
  { path, fieldSelector, onObject, signal }: ObjectWatch,
  resourceVersion: string,
): Promise<ApiAnswer | undefined> {
  const timeoutSeconds = String(WATCH_SECONDS);
  const query = new URLSearchParams({ watch: 'true', fieldSelector, resourceVersion, timeoutSeconds });
  const limits = { silenceMs: (WATCH_SECONDS + 10) * 1_000, signal };
  return client.stream(`${path}?${query}`, limits, (line) => {
    const event = asObject(JSON.parse(line.toString('utf8')));
    const object = asObject(event?.['object']);
    const type = event?.['type'];
    if (!object || type === 'ERROR') return 'enough';
    onObject(object, type === 'DELETED');
    return undefined;
  });
}
