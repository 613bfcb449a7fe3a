import { INITIAL_EVENTS_END_ANNOTATION } from '../../lib/contract/kubernetes.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { type Parts, parseParts } from '../read/json-parts.ts';

/** One line of a watch. [k8s] meta/v1 WatchEvent */
export type WatchEvent =
  | {
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
      readonly object: JsonObject;
      readonly resourceVersion: string;
    }
  /**
   * Everything up to this version has been sent. At the end of a streaming list it also ends the initial
   * events.
   */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly endsInitialEvents: boolean }
  | { readonly type: 'ERROR'; readonly status: number; readonly message: string };

/** Parts that are read of every object. The annotations of a bookmark say what it marks. */
export const METADATA_PARTS: Parts = {
  metadata: {
    name: true,
    namespace: true,
    uid: true,
    resourceVersion: true,
    deletionTimestamp: true,
    annotations: true,
  },
};

/**
 * @param parts wanted of the object besides its name, version and annotations
 * @throws Error if the line is not an event
 */
export function parseWatchEvent(line: Buffer, parts: Parts): WatchEvent {
  const wanted = { ...parts, ...METADATA_PARTS, code: true, message: true } as const;
  const event = asObject(parseParts(line, { type: true, object: wanted }));
  const object = asObject(event?.['object']);
  if (!event || !object) throw new Error('a line of the watch is not an event');
  const type = event['type'];
  if (type === 'ERROR') {
    return {
      type,
      status: Number(object['code'] ?? 0),
      message: asText(object['message']) ?? 'unknown error',
    };
  }
  const metadata = metadataOf(object);
  const resourceVersion = asText(metadata?.['resourceVersion']);
  if (!resourceVersion) throw new Error('an event of the watch has no resourceVersion');
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return { type, object, resourceVersion };
  if (type === 'BOOKMARK') {
    const mark = asObject(metadata?.['annotations'])?.[INITIAL_EVENTS_END_ANNOTATION];
    return { type, resourceVersion, endsInitialEvents: mark === 'true' };
  }
  throw new Error(`the watch sent an event of unknown type ${JSON.stringify(type)}`);
}
