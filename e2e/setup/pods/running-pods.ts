import { waitFor } from '../../../testing/wait-for.ts';
import type { AdminClient } from '../../cluster/admin-client.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { listPods, podsIn, type StoredPod } from './pods.ts';

type Requests = Pick<AdminClient, 'request'>;

/** A pod that runs on a node. */
export interface RunningPod extends StoredPod {
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state: ContainerState;
  readonly lastState?: ContainerState;
}

interface ContainerState {
  readonly running?: object;
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string };
}

/** Long enough for many pods that start at once on two shared cores. */
const POD_TIMEOUT_MS = 240_000;

/**
 * Waits until a pod reaches a state.
 * @param goal completes "pod ... that ..."
 * @throws an error with the states of its containers and their last log lines
 */
export async function waitForPod(
  api: Requests,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  goal: string,
  isThere: (pod: RunningPod) => boolean | undefined,
): Promise<RunningPod> {
  let last: RunningPod | undefined;
  const ask = async () => {
    last = (await expectSuccess(api, 'GET', `${podsIn(namespace)}/${name}`)).body as RunningPod;
    return isThere(last) ? last : undefined;
  };
  const hopeless = new AbortController();
  const probe = async () => {
    const pod = await ask();
    if (!pod && last?.status.phase === 'Failed') hopeless.abort(new Error(`pod ${namespace}/${name} failed`));
    return pod;
  };
  try {
    return await waitFor(probe, `pod ${namespace}/${name} that ${goal}`, POD_TIMEOUT_MS, hopeless.signal);
  } catch (thrown) {
    throw new Error(`${String(thrown)}\n${last ? await explain(api, last) : ''}`, { cause: thrown });
  }
}

/** Waits until all containers of a pod have ended with exit code 0. */
export function waitForSuccess(api: Requests, pod: StoredPod): Promise<RunningPod> {
  return waitForPod(api, pod.metadata, 'succeeds', ({ status }) => status.phase === 'Succeeded');
}

/** Waits until all containers of a pod are ready. */
export function waitForReady(api: Requests, pod: StoredPod): Promise<RunningPod> {
  return waitForPod(api, pod.metadata, 'is ready', isReady);
}

export function isReady({ status }: RunningPod): boolean {
  return status.containerStatuses?.every(({ ready }) => ready) ?? false;
}

/** Waits until a Job is complete. @returns its pod */
export async function waitForJob(api: Requests, namespace: string, name: string): Promise<StoredPod> {
  const label = `batch.kubernetes.io/job-name=${name}`;
  const findPod = async () => (await listPods(api, namespace, label))[0];
  const pod = await waitFor(findPod, `pod of the Job ${namespace}/${name}`);
  await waitForSuccess(api, pod);
  await waitFor(async () => {
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`;
    const { status } = (await expectSuccess(api, 'GET', path)).body as {
      status: { conditions?: { type: string; status: string }[] };
    };
    return status.conditions?.some(
      (condition) => condition.type === 'Complete' && condition.status === 'True',
    );
  }, `complete Job ${namespace}/${name}`);
  return pod;
}

/** Returns the output of a container so far. */
export async function logOf(
  api: Requests,
  { metadata }: StoredPod,
  container: string,
  options: { readonly previous?: boolean } = {},
): Promise<string> {
  const query = `container=${container}&previous=${options.previous ?? false}`;
  const path = `${podsIn(metadata.namespace)}/${metadata.name}/log?${query}`;
  return String((await expectSuccess(api, 'GET', path)).body);
}

export function statusesOf({ status }: RunningPod): readonly ContainerStatus[] {
  return [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ];
}

/** Length of the end of a log that shows the reason of a failure. */
const TAIL_CHARACTERS = 1_500;

async function explain(api: Requests, pod: RunningPod): Promise<string> {
  const lines = statusesOf(pod).map(async ({ name, state, restartCount }) => {
    const log = await logOf(api, pod, name).catch(() => '');
    return `${name}: ${JSON.stringify(state)}, ${restartCount} restarts\n${log.slice(-TAIL_CHARACTERS)}`;
  });
  return `${pod.status.phase}\n${(await Promise.all(lines)).join('\n')}`;
}
