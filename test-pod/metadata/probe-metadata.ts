import { randomBytes } from 'node:crypto';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { podsPath } from '../../kubernetes/core-paths.ts';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { asObject, asText } from '../../lib/json/json.ts';
import { isObjectName } from '../../lib/kubernetes-names.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import { printable } from '../../lib/text/printable.ts';
import { findImage } from '../pod/find-image.ts';
import { POD_NAME_PREFIX, type TestPod, testPodManifest } from '../pod/pod-manifest.ts';
import { watchPod } from '../pod/pod-watch.ts';
import { refusedPod } from '../pod/refused-pod.ts';
import { type PodToRemove, removePod } from '../pod/remove-pods.ts';
import type { MetadataAnswer, MetadataVersion } from '../whoami/ask-metadata.ts';

export interface MetadataProbeInput {
  readonly client: ApiClient;
  /** Its ServiceAccount `default` is used, without a token. */
  readonly namespace: string;
  /** Default: that of podrole's webhook in the cluster. */
  readonly image: string | undefined;
  readonly signal: AbortSignal;
}

type Probed = MetadataAnswer | { readonly state: 'unknown'; readonly why: string };

/** Longest time until a pod has its answer. */
const TIMEOUT_MS = 120_000;
/** Webhooks of a cluster may take 30 s each. */
const CREATE_TIMEOUT_MS = 45_000;
const DEADLINE_RESERVE_SECONDS = 30;

/**
 * Tries from two short-lived pods, one per version, whether a pod reaches the instance metadata of its node.
 * Both are removed in any case.
 * @throws PodroleError `NO_TEST_IMAGE`, `TEST_POD_LEFT`
 */
export async function probeMetadata(
  input: MetadataProbeInput,
): Promise<{ readonly v1: Probed; readonly v2: Probed }> {
  const { client, signal } = input;
  const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal };
  const found = input.image === undefined ? await findImage(client, limits) : undefined;
  const image = { image: input.image ?? found?.image ?? '', imagePullPolicy: found?.imagePullPolicy };
  const [v1, v2] = await Promise.allSettled([probe('v1', input, image), probe('v2', input, image)]);
  // Both have ended, and removed their pods, before one of them fails the probe.
  for (const result of [v1, v2]) if (result.status === 'rejected') throw result.reason;
  return { v1: answerOf(v1), v2: answerOf(v2) };
}

function answerOf(result: PromiseSettledResult<Probed>): Probed {
  return result.status === 'fulfilled' ? result.value : { state: 'unknown', why: '' };
}

/** @throws PodroleError `TEST_POD_LEFT` */
async function probe(
  version: MetadataVersion,
  input: MetadataProbeInput,
  image: Pick<TestPod, 'image' | 'imagePullPolicy'>,
): Promise<Probed> {
  const pod: TestPod = {
    ...image,
    namespace: input.namespace,
    name: `${POD_NAME_PREFIX}metadata-${version}-${randomBytes(4).toString('hex')}`,
    serviceAccount: 'default',
    container: 'podrole-test',
    args: [`--probe-metadata=${version}`],
    isUntouched: true,
    asksSidecar: false,
    isKept: false,
    deadlineSeconds: TIMEOUT_MS / 1_000 + DEADLINE_RESERVE_SECONDS,
  };
  let made: PodToRemove | undefined;
  let answer: Probed;
  try {
    answer = await follow(input, pod, (found) => {
      made = found;
    });
  } catch (thrown) {
    if (!(thrown instanceof PodroleError)) throw thrown;
    answer = { state: 'unknown', why: messageOf(thrown) };
  } finally {
    // Not the signal of the command: after Ctrl-C the pod must go too.
    const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal: NEVER_ABORTED };
    if (made) await removePod(input.client, made, limits);
  }
  return answer;
}

async function follow(
  { client, signal }: MetadataProbeInput,
  pod: TestPod,
  onPod: (pod: PodToRemove | undefined) => void,
): Promise<Probed> {
  const { namespace } = pod;
  // If no answer comes, the pod may be there.
  onPod({ namespace, name: pod.name, uid: undefined });
  const answer = await client.send(
    { method: 'POST', path: podsPath(namespace), body: testPodManifest(pod) },
    { timeoutMs: CREATE_TIMEOUT_MS, signal: NEVER_ABORTED },
  );
  const created = metadataOf(asObject(answer.body));
  const [name = '', uid] = [asText(created?.['name']), asText(created?.['uid'])];
  if (answer.status >= 300 || uid === undefined || !isObjectName(name)) {
    if (answer.status >= 300 && answer.status < 500) onPod(undefined);
    throw refusedPod(`pod ${namespace}/${pod.name}`, answer);
  }
  onPod({ namespace, name, uid });
  const watching = new AbortController();
  const end = AbortSignal.any([signal, watching.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const remedy = `run again; if it stays so, podrole test -n ${namespace} default --keep leaves a pod to look at`;
    const watch = watchPod(client, { ...pod, name, uid }, end, remedy);
    const { ended } = await watch.until('end', (progress) => progress.ended !== undefined);
    return parseAnswer(ended?.message ?? '');
  } finally {
    watching.abort();
  }
}

/** Most characters of a message that is repeated. */
const MAX_SAID_LENGTH = 200;

/** Reads the termination message. An image without the flag says something else. */
export function parseAnswer(message: string): Probed {
  const value = message.length <= MAX_SAID_LENGTH ? parsed(message) : undefined;
  const { state, status } = asObject(value) ?? {};
  if (state === 'refused' || state === 'timeout') return { state };
  const isStatus = typeof status === 'number' && Number.isInteger(status) && status >= 100 && status < 600;
  if (state === 'reachable' && isStatus) return { state, status };
  const said = printable(message.slice(0, MAX_SAID_LENGTH));
  return { state: 'unknown', why: `the pod did not answer as this version of podrole does: ${said}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
