import type { ApiClient, Limits } from '../../kubernetes/api-client.ts';
import { podsPath } from '../../kubernetes/core-paths.ts';
import { listObjects } from '../../kubernetes/list-objects.ts';
import { PodroleError } from '../../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { TEST_POD_LABEL } from './pod-manifest.ts';

/** Time that another run may need to read the result of its pod. */
const READING_MS = 30_000;

/** Removes a pod. @throws PodroleError `TEST_POD_LEFT` */
export async function removePod(
  client: Pick<ApiClient, 'send'>,
  namespace: string,
  name: string,
  limits: Limits,
): Promise<void> {
  let problem: string;
  try {
    const { status } = await client.send({ method: 'DELETE', path: podsPath(namespace, name) }, limits);
    if (status < 300 || status === 404) return;
    problem = `was not removed: the API server answered ${status}`;
  } catch (thrown) {
    problem = `was not removed: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
  const remedy = `kubectl delete pod -n ${namespace} ${name}; its deadline ends it anyway`;
  throw new PodroleError({ code: 'TEST_POD_LEFT', object: `pod ${namespace}/${name}`, problem, remedy });
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
    const name = asText(metadataOf(pod)?.['name']);
    if (name === undefined || !isLeftover(pod, createdAt)) continue;
    await removePod(client, namespace, name, limits);
    removed += 1;
  }
  return removed;
}

function isLeftover(pod: JsonObject, now: Date): boolean {
  const metadata = metadataOf(pod);
  if (asObject(metadata?.['labels'])?.[TEST_POD_LABEL] !== 'remove') return false;
  const deadlineMs = Number(asObject(pod['spec'])?.['activeDeadlineSeconds'] ?? 0) * 1_000;
  const created = new Date(asText(metadata?.['creationTimestamp']) ?? '').getTime();
  const statuses = asArray(asObject(pod['status'])?.['containerStatuses']) ?? [];
  const ends = statuses.map((each) =>
    new Date(
      asText(asObject(asObject(asObject(each)?.['state'])?.['terminated'])?.['finishedAt']) ?? '',
    ).getTime(),
  );
  return (
    created + deadlineMs + READING_MS < now.getTime() || ends.some((end) => end + READING_MS < now.getTime())
  );
}
