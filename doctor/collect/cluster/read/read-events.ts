import { eventsPath } from '../../../../kubernetes/core-paths.ts';
import { asObject, asText, type JsonObject } from '../../../../lib/json/json.ts';
import { metadataOf } from '../../../../lib/kubernetes-objects.ts';
import { compareText } from '../../../../lib/text/compare.ts';
import type { ClusterFacts } from '../../../facts/cluster-facts.ts';
import type { PodFacts } from '../../../facts/pod-facts.ts';
import type { Reading } from '../../../facts/reading.ts';
import { type ClusterAccess, foldList, mapReading } from './read-cluster.ts';

type EventFacts = Extract<ClusterFacts['events'], { state: 'read' }>['value'][number];

/** Kubernetes keeps events for an hour; a pod that fails at every turn has some hundreds by then. */
const MOST_EVENTS = 2_000;
/** Warnings of the pods of one namespace, which may all fail. */
const MOST_EVENTS_TOGETHER = 100_000;
/** Latest warnings of a pod that are kept. */
const MOST_KEPT = 20;
const MESSAGE_MAX_LENGTH = 300;

/** Reads the latest warnings among the events of a pod. */
export async function readEvents(
  access: ClusterAccess,
  { namespace, name, uid }: Pick<PodFacts, 'namespace' | 'name' | 'uid'>,
): Promise<ClusterFacts['events']> {
  const list = { fieldSelector: `involvedObject.kind=Pod,involvedObject.name=${name}`, most: MOST_EVENTS };
  const events = await readWarnings(access, namespace, new Set([uid]), list);
  return mapReading(events, (found) => found.get(uid) ?? []);
}

/**
 * Reads the latest warnings of pods in one list of their namespace. The API server reads all events of the
 * namespace for each list, also for one with a field selector.
 * @returns events by the uid of the pod
 */
export function readEventsOfPods(
  access: ClusterAccess,
  namespace: string,
  uids: ReadonlySet<string>,
): Promise<Reading<ReadonlyMap<string, readonly EventFacts[]>>> {
  const list = { fieldSelector: 'involvedObject.kind=Pod,type=Warning', most: MOST_EVENTS_TOGETHER };
  return readWarnings(access, namespace, uids, list);
}

async function readWarnings(
  access: ClusterAccess,
  namespace: string,
  uids: ReadonlySet<string>,
  { fieldSelector, most }: { readonly fieldSelector: string; readonly most: number },
): Promise<Reading<ReadonlyMap<string, readonly EventFacts[]>>> {
  const found = new Map<string, EventFacts[]>();
  const events = await foldList(
    access,
    {
      path: eventsPath(namespace),
      parameters: { fieldSelector },
      needs: `list on events in the namespace ${namespace}`,
      mostObjects: most,
    },
    found,
    (kept, event) => {
      const uid = asText(asObject(event['involvedObject'])?.['uid']) ?? '';
      if (event['type'] !== 'Warning' || !uids.has(uid)) return kept;
      const ofPod = [...(kept.get(uid) ?? []), narrowEvent(event)];
      // Room for as many again, so that not each event is sorted in.
      return kept.set(uid, ofPod.length < 2 * MOST_KEPT ? ofPod : latest(ofPod));
    },
  );
  return mapReading(events, (all) => new Map([...all].map(([uid, ofPod]) => [uid, latest(ofPod)])));
}

function latest(events: readonly EventFacts[]): EventFacts[] {
  return events.toSorted((a, b) => compareText(a.lastSeen, b.lastSeen)).slice(-MOST_KEPT);
}

function narrowEvent(event: JsonObject): EventFacts {
  const series = asObject(event['series']);
  const count = event['count'] ?? series?.['count'];
  const times = [series?.['lastObservedTime'], event['lastTimestamp'], event['eventTime']];
  const created = metadataOf(event)?.['creationTimestamp'];
  // Of a string that was cut, V8 keeps the whole one; a clone has the rest only.
  return structuredClone({
    reason: asText(event['reason']) ?? '',
    message: (asText(event['message']) ?? '').slice(0, MESSAGE_MAX_LENGTH),
    lastSeen: [...times, created].map(asText).find(Boolean) ?? '',
    count: typeof count === 'number' ? count : 1,
  });
}
