import type { ApiAnswer, ApiClient } from '../../kubernetes/api-client.ts';
import { apiRefused } from '../../kubernetes/api-refusal.ts';
import { eventsPath, podsPath } from '../../kubernetes/core-paths.ts';
import { watchObjects } from '../../kubernetes/read/watch-objects.ts';
import { systemClock } from '../../lib/clock.ts';
import { type Fault, PodroleError } from '../../lib/errors.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { judgePod, type PodEvent, type PodProgress } from './judge-pod.ts';

export interface WatchedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly container: string;
}

export interface PodWatch {
  /**
   * Waits until the pod has reached a state.
   * @param goal completes "the pod did not ...": `start`
   * @throws PodroleError `TEST_POD_NOT_STARTED` at a trouble that does not pass, or when the time is over;
   *   `API_REFUSED`
   */
  until(goal: string, isReached: (progress: PodProgress) => boolean): Promise<PodProgress>;
}

/** Most events that are kept of one pod. */
const MAX_EVENTS = 50;
/** Kubernetes limits the messages of its own events to this length. */
const MAX_MESSAGE_LENGTH = 1_024;

/**
 * Watches a pod and its events.
 * @param signal ends the watch, when the time is over or the user interrupts
 * @param lateRemedy advice if the time is over; default: that of podrole test
 */
export function watchPod(
  client: Pick<ApiClient, 'get' | 'stream'>,
  { namespace, name, uid, container }: WatchedPod,
  signal: AbortSignal,
  lateRemedy = `give it more by --timeout; kubectl describe pod -n ${namespace} ${name} may say why (--keep)`,
): PodWatch {
  let pod: JsonObject = {};
  const events = new Map<string, PodEvent>();
  let failure: Fault | undefined;
  let onChange = () => {};
  const object = `pod ${namespace}/${name}`;
  const onRefused = (answer: ApiAnswer | undefined) => {
    if (answer === undefined) return;
    const remedy = `allow this user list and watch on pods in ${namespace}`;
    [failure] = apiRefused(podsPath(namespace), answer, remedy).faults;
    onChange();
  };
  const onPod = (found: JsonObject, isDeleted: boolean) => {
    if (metadataOf(found)?.['uid'] !== uid) return;
    pod = found;
    if (isDeleted) failure = notStarted(object, 'was removed by somebody else', 'run again');
    onChange();
  };
  const onListed = (found: readonly JsonObject[]) => {
    if (found.some((each) => metadataOf(each)?.['uid'] === uid)) return;
    failure = notStarted(object, 'was removed by somebody else', 'run again');
    onChange();
  };
  const onEvent = (event: JsonObject) => {
    if (asObject(event['involvedObject'])?.['uid'] !== uid) return;
    const key = asText(metadataOf(event)?.['name']) ?? '';
    const [reason = '', message = ''] = [asText(event['reason']), asText(event['message'])];
    // The newest is the last one.
    events.delete(key);
    events.set(key, { reason, message: message.slice(0, MAX_MESSAGE_LENGTH) });
    for (const oldest of events.keys()) if (events.size > MAX_EVENTS) events.delete(oldest);
    onChange();
  };
  const podWatch = {
    path: podsPath(namespace),
    fieldSelector: `metadata.name=${name}`,
    onObject: onPod,
    onListed,
    signal,
  };
  const fieldSelector = `involvedObject.uid=${uid}`;
  void watchObjects(client, podWatch, systemClock).then(onRefused);
  // A user who may not read events still gets the result.
  void watchObjects(
    client,
    { path: eventsPath(namespace), fieldSelector, onObject: onEvent, signal },
    systemClock,
  );
  return {
    until: (goal, isReached) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const progress = judgePod(pod, [...events.values()], container);
          const { trouble } = progress;
          if (isReached(progress)) return resolve(progress);
          const fault =
            failure ?? (trouble && (trouble.isFinal || signal.aborted) ? trouble.fault : undefined);
          if (fault) return reject(new PodroleError(fault));
          if (!signal.aborted) return;
          const problem = `did not ${goal} in time`;
          reject(new PodroleError(notStarted(object, problem, lateRemedy)));
        };
        onChange = check;
        signal.addEventListener('abort', check, { once: true });
        check();
      }),
  };
}

function notStarted(object: string, problem: string, remedy: string): Fault {
  return { code: 'TEST_POD_NOT_STARTED', object, problem, remedy };
}
