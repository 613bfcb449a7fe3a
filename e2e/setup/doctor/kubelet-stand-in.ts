import { setTimeout as sleep } from 'node:timers/promises';
import { expectSuccess } from '../../cluster/api-objects.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';

/** The members of a pod that decide about its status. */
export interface UnrunPod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly { readonly kind: string }[];
  };
  readonly spec: {
    readonly containers: readonly ContainerName[];
    readonly initContainers?: readonly (ContainerName & { readonly restartPolicy?: string })[];
  };
  readonly status: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface ContainerName {
  readonly name: string;
  readonly env?: readonly { readonly name: string }[];
  readonly image: string;
}

/**
 * A Node, and what scheduler and kubelet say about pods: it binds every pod to it, reports it as running, and
 * confirms its deletion. No container runs.
 */
export interface KubeletStandIn {
  /** Resolves after a look at every pod that exists now. */
  look(): Promise<readonly UnrunPod[]>;
  /** Returns true for a pod that does not simply run. */
  isHeld(pod: UnrunPod): boolean;
  /** Returns the status of a new pod that does not simply run; undefined for all others. */
  statusOf: (pod: UnrunPod) => object | undefined;
  stop(): Promise<void>;
}

const PAUSE_MS = 200;
const NODE = 'node-1';
/** The controllers wait for 40 s. */
const HEARTBEAT_MS = 5_000;

/** Processes in the place of containers. */
interface Runtime {
  /** Resolves when the containers of a new pod are ready. */
  start(pod: UnrunPod): Promise<void>;
  /** Takes every pod after each look. */
  follow(pods: readonly UnrunPod[]): Promise<void>;
}

export function startKubeletStandIn(
  cluster: Pick<ControlPlane, 'request'>,
  runtime: Runtime,
): KubeletStandIn {
  const ended = new AbortController();
  let looking: Promise<readonly UnrunPod[]> = Promise.resolve([]);
  const reported = new Set<string>();
  const held = new Set<string>();
  const heartbeat = createHeartbeat(cluster);
  const lookOnce = async (): Promise<readonly UnrunPod[]> => {
    await heartbeat();
    const all = await listAll(cluster);
    const [deleted, pods] = [true, false].map((wanted) =>
      all.filter(({ metadata }) => (metadata.deletionTimestamp !== undefined) === wanted),
    ) as [UnrunPod[], UnrunPod[]];
    await Promise.all(deleted.map((pod) => cluster.request('DELETE', `${pathOf(pod)}?gracePeriodSeconds=0`)));
    const created = pods.filter(({ metadata: { uid } }) => !reported.has(uid));
    for (const { metadata } of created) reported.add(metadata.uid);
    for (const pod of created) await runtime.start(pod);
    await Promise.all(
      created.map((pod) => {
        const status = kubelet.statusOf(pod);
        if (status) held.add(pod.metadata.uid);
        return report(cluster, pod, status ?? running(pod));
      }),
    );
    if (created.length === 0) await runtime.follow(pods);
    return created.length === 0 ? pods : await lookOnce();
  };
  const kubelet: KubeletStandIn = {
    statusOf: () => undefined,
    isHeld: ({ metadata }) => held.has(metadata.uid),
    look() {
      // One after the other: a look that began before a change may miss it.
      looking = looking.then(lookOnce, lookOnce);
      return looking;
    },
    async stop() {
      ended.abort();
      await Promise.allSettled([looking, lane]);
    },
  };
  const lane = (async () => {
    while (!ended.signal.aborted) {
      // The API server is away while it restarts.
      await kubelet.look().catch(() => undefined);
      await sleep(PAUSE_MS);
    }
  })();
  return kubelet;
}

export function isReady({ metadata, status }: UnrunPod): boolean {
  const { conditions = [] } = status;
  return (
    !metadata.deletionTimestamp && conditions.some((each) => each.type === 'Ready' && each.status === 'True')
  );
}

async function listAll(cluster: Pick<ControlPlane, 'request'>): Promise<readonly UnrunPod[]> {
  const { body } = await expectSuccess(cluster, 'GET', '/api/v1/pods');
  return (body as { items: UnrunPod[] }).items;
}

function pathOf({ metadata: { namespace, name } }: UnrunPod): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}

/** Creates the Node at the first call, and later says that it is ready, often enough for the controllers. */
function createHeartbeat(cluster: Pick<ControlPlane, 'request'>): () => Promise<void> {
  let saidAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() - saidAt < HEARTBEAT_MS) return;
    if (saidAt < 0) await cluster.request('POST', '/api/v1/nodes', { metadata: { name: NODE } });
    const now = new Date().toISOString();
    const ready = { type: 'Ready', status: 'True', lastHeartbeatTime: now, lastTransitionTime: now };
    await cluster.request('PATCH', `/api/v1/nodes/${NODE}/status`, { status: { conditions: [ready] } });
    saidAt = performance.now();
  };
}

async function report(cluster: Pick<ControlPlane, 'request'>, pod: UnrunPod, status: object): Promise<void> {
  // It may have been deleted meanwhile.
  const { name, namespace } = pod.metadata;
  await cluster.request('POST', `${pathOf(pod)}/binding`, {
    ...{ apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace } },
    target: { kind: 'Node', name: NODE },
  });
  await cluster.request('PATCH', `${pathOf(pod)}/status`, { status });
}

/** Each pod needs an address of its own, which EndpointSlices name. */
let addresses = 0;

/** Returns the status of a pod whose containers all run and are ready. */
export function running({ spec }: UnrunPod): object {
  const now = new Date().toISOString();
  addresses += 1;
  const podIP = `198.18.${1 + Math.floor(addresses / 250)}.${1 + (addresses % 250)}`;
  const ofContainer = ({ name, image }: ContainerName) => ({
    ...{ name, image, imageID: image, containerID: `containerd://${name}`, restartCount: 0 },
    ...{ ready: true, started: true, state: { running: { startedAt: now } } },
  });
  const ofInit = (container: ContainerName & { readonly restartPolicy?: string }) =>
    container.restartPolicy === 'Always'
      ? ofContainer(container)
      : {
          ...ofContainer(container),
          started: false,
          state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: now, finishedAt: now } },
        };
  const condition = (type: string) => ({ type, status: 'True', lastTransitionTime: now });
  return {
    ...{ phase: 'Running', podIP, podIPs: [{ ip: podIP }], startTime: now },
    conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map(condition),
    containerStatuses: spec.containers.map(ofContainer),
    initContainerStatuses: (spec.initContainers ?? []).map(ofInit),
  };
}
