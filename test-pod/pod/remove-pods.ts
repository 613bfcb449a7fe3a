import { type ApiAnswer, type ApiClient, describeAnswer, type Limits } from '../../kubernetes/api-client.ts';
import { podsPath } from '../../kubernetes/core-paths.ts';
import { listObjects } from '../../kubernetes/read/list-objects.ts';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { isObjectName } from '../../lib/kubernetes-names.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { POD_NAME_PREFIX, TEST_POD_LABEL } from './pod-manifest.ts';

/** Time that another run may need to read the result of its pod. */
const READING_MS = 30_000;
/** Most leftovers that one run removes: somebody waits for its result. */
const MAX_LEFTOVERS = 10;

export interface PodToRemove {
  readonly namespace: string;
  readonly name: string;
  /** Of the pod that is meant, so that another one of the same name stays; undefined if it is not known. */
  readonly uid: string | undefined;
}

/**
 * Removes a pod.
 * @returns false if there was no such pod
 * @throws PodroleError `TEST_POD_LEFT`
 */
export async function removePod(
  client: Pick<ApiClient, 'send'>,
  { namespace, name, uid }: PodToRemove,
  limits: Limits,
): Promise<boolean> {
  let problem: string;
  try {
    // A webhook may have given the pod a longer grace period.
    const options = { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 1 };
    const body = { ...options, ...(uid !== undefined && { preconditions: { uid } }) };
    const answer = await client.send({ method: 'DELETE', path: podsPath(namespace, name), body }, limits);
    if (answer.status === 404 || isOtherPod(answer)) return false;
    const finalizers = asArray(metadataOf(answer.body)?.['finalizers']) ?? [];
    if (answer.status < 300 && finalizers.length === 0) return true;
    problem =
      answer.status < 300
        ? `is being removed, but stays until its finalizers are done: ${finalizers.slice(0, 5).join(', ')}`
        : `was not removed: the API server ${describeAnswer(answer)}`;
  } catch (thrown) {
    problem = `was not removed: ${messageOf(thrown)}`;
  }
  const remedy = `see kubectl get pod -n ${namespace} ${name}, and remove it by kubectl delete pod -n ${namespace} ${name}`;
  throw new PodroleError({ code: 'TEST_POD_LEFT', object: `pod ${namespace}/${name}`, problem, remedy });
}

/** True if a pod of this name is there, but not the one that is meant. */
function isOtherPod({ status, body }: ApiAnswer): boolean {
  return status === 409 && /UID in precondition/.test(asText(asObject(body)?.['message']) ?? '');
}

/**
 * Removes test pods of runs that were killed: those past their deadline, and those that ended a while ago.
 * All times are of the cluster, which the clock of this machine may differ from.
 * @param createdAt creation of the pod of this run
 * @returns number of removed pods
 */
export async function removeLeftovers(
  client: Pick<ApiClient, 'getPage' | 'send'>,
  namespace: string,
  createdAt: Date,
  limits: Limits,
): Promise<number> {
  let removed = 0;
  const selector = { labelSelector: `${TEST_POD_LABEL}=remove` };
  for await (const pod of listObjects(client, podsPath(namespace), selector, limits)) {
    const [name = '', uid] = [asText(metadataOf(pod)?.['name']), asText(metadataOf(pod)?.['uid'])];
    if (uid === undefined || !isObjectName(name) || !isLeftover(pod, createdAt)) continue;
    if (await removePod(client, { namespace, name, uid }, limits)) removed += 1;
    if (removed >= MAX_LEFTOVERS) break;
  }
  return removed;
}

/**
 * True for a pod that `podrole test` made and that nobody waits for. The label alone does not say so: it may
 * have been copied to, or written on, a pod of somebody else.
 */
function isLeftover(pod: JsonObject, now: Date): boolean {
  const metadata = metadataOf(pod);
  const deadlineSeconds = asObject(pod['spec'])?.['activeDeadlineSeconds'];
  const isOurs =
    asObject(metadata?.['labels'])?.[TEST_POD_LABEL] === 'remove' &&
    asText(metadata?.['name'])?.startsWith(POD_NAME_PREFIX) === true &&
    (asArray(metadata?.['ownerReferences']) ?? []).length === 0 &&
    metadata?.['deletionTimestamp'] === undefined;
  if (!isOurs || typeof deadlineSeconds !== 'number') return false;
  const isPast = (time: number) => time + READING_MS < now.getTime();
  const statuses = asArray(asObject(pod['status'])?.['containerStatuses']) ?? [];
  const ends = statuses.map((each) => {
    const terminated = asObject(asObject(asObject(each)?.['state'])?.['terminated']);
    return new Date(asText(terminated?.['finishedAt']) ?? '').getTime();
  });
  const created = new Date(asText(metadata?.['creationTimestamp']) ?? '').getTime();
  return isPast(created + deadlineSeconds * 1_000) || (ends.length > 0 && ends.every(isPast));
}
