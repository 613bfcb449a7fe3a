import type { ApiAnswer, ApiClient } from '../../kubernetes/api-client.ts';
import { apiRefused } from '../../kubernetes/api-refusal.ts';
import { readPages } from '../../kubernetes/read/read-pages.ts';
import { Reflector, type WatchTiming } from '../../kubernetes/watch/reflector.ts';
import { METADATA_PARTS } from '../../kubernetes/watch/watch-event.ts';
import { WatchedStore } from '../../kubernetes/watch/watched-store.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/surroundings.ts';
import { type ListPace, sharedList } from '../../metadata/workloads/shared-list.ts';
import type { NodePod } from './node-pod.ts';
import { NODE_POD_PARTS, readNodePod } from './read-node-pod.ts';

/** All pods of the node, read at once from the API server's present state. */
export interface Snapshot {
  /** Time at which the list began, by the monotonic clock: it holds every pod that was bound before. */
  readonly begunAtMs: number;
  readonly pods: readonly NodePod[];
}

/** Pods of this node. */
export interface NodePods {
  /** Pods as the watch knows them. It may be late. */
  pods(): Iterable<NodePod>;
  /** Pod with this UID, as the watch knows it. */
  byUid(uid: string): NodePod | undefined;
  /**
   * Lists the pods as the API server knows them now. The list begins after this call. Callers share lists.
   * @throws PodroleError `API_UNREACHABLE`, `API_REFUSED`, `LIST_TOO_LARGE`
   */
  listNow(): Promise<Snapshot>;
  /** Takes the UID of each pod that the API server has removed, or replaced by another of its name. */
  onGone(callback: (uid: string) => void): void;
  /** Calls back when the watch has brought news. Returns a function that ends this. */
  onChange(callback: () => void): () => void;
  /** True once the watch has brought all pods. */
  readonly isSynced: boolean;
  /** Milliseconds since the last news of the watch; undefined before the first. */
  readonly newsAgeMs: number | undefined;
  close(): Promise<void>;
}

export interface NodePodsOptions {
  readonly client: ApiClient;
  /** `spec.nodeName` of the pods. */
  readonly nodeName: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Called when a consistent list begins. */
  readonly onList?: () => void;
  readonly timing?: WatchTiming;
  readonly pace?: ListPace;
}

const PODS_PATH = '/api/v1/pods';
/** A list of 110 pods takes some 20 ms. An SDK waits for one to five seconds. */
const LIST_TIMEOUT_MS = 2_000;
/** Whatever connections do, a node causes at most five lists each second for long. */
const PACE: ListPace = { burst: 20, everyMs: 200 };
const TIMING: WatchTiming = {
  requestSeconds: 300,
  silenceMs: 90_000,
  listSilenceMs: 5_000,
  backoff: { firstMs: 100, longestMs: 10_000 },
};

/** Begins to watch the pods of a node. */
export function openNodePods(options: NodePodsOptions): NodePods {
  const { client, nodeName, clock, onList = () => {} } = options;
  const fieldSelector = `spec.nodeName=${nodeName}`;
  const store = new WatchedStore<NodePod>();
  const known = trackPods(store);
  const stopping = new AbortController();
  const reflector = new Reflector<NodePod>({
    ...options,
    timing: options.timing ?? TIMING,
    resource: { name: 'pods', path: PODS_PATH, fieldSelector, parts: NODE_POD_PARTS },
    store,
    keep: readNodePod,
    onWatch: () => {},
    onList: () => {},
    onChange: known.update,
  });
  const list = async () => {
    onList();
    const begunAtMs = clock.monotonicMs();
    return { begunAtMs, pods: await listPods(client, fieldSelector, stopping.signal) };
  };
  reflector.start();
  return {
    pods: () => store.values(),
    byUid: known.byUid,
    listNow: sharedList(list, options.pace ?? PACE, clock),
    onGone: known.onGone,
    onChange: known.onChange,
    get isSynced() {
      return reflector.synced;
    },
    get newsAgeMs() {
      return reflector.newsAgeMs;
    },
    close: async () => {
      stopping.abort();
      await reflector.stop();
    },
  };
}

async function listPods(
  client: ApiClient,
  fieldSelector: string,
  signal: AbortSignal,
): Promise<readonly NodePod[]> {
  const pods: NodePod[] = [];
  const pages = readPages({
    client,
    path: PODS_PATH,
    parameters: { fieldSelector },
    limits: { timeoutMs: LIST_TIMEOUT_MS, signal },
    parts: { ...NODE_POD_PARTS, ...METADATA_PARTS },
    refuse: (answer: ApiAnswer) =>
      apiRefused(PODS_PATH, answer, 'allow the account of the agent the verbs get, list, watch on pods'),
  });
  for await (const { objects } of pages) {
    for (const object of objects) {
      const pod = readNodePod(object);
      if (pod) pods.push(pod);
    }
  }
  return pods;
}

/** Keeps the pods of a store by UID, and reports those that are gone. */
function trackPods(store: WatchedStore<NodePod>) {
  let byUid = new Map<string, NodePod>();
  const whenGone: ((uid: string) => void)[] = [];
  const whenChanged = new Set<() => void>();
  return {
    byUid: (uid: string) => byUid.get(uid),
    onGone: (callback: (uid: string) => void) => {
      whenGone.push(callback);
    },
    onChange: (callback: () => void) => {
      whenChanged.add(callback);
      return () => void whenChanged.delete(callback);
    },
    update: () => {
      const before = byUid;
      byUid = new Map([...store.values()].map((pod) => [pod.uid, pod]));
      for (const uid of before.keys()) {
        if (!byUid.has(uid)) for (const callback of whenGone) callback(uid);
      }
      for (const callback of [...whenChanged]) callback();
    },
  };
}
