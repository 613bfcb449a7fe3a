import { createCallerFinder } from '../../agent/caller/find-caller.ts';
import type { PodFolders } from '../../agent/caller/witness/pod-folder.ts';
import type { NodePod } from '../../agent/pods/node-pod.ts';
import type { Snapshot } from '../../agent/pods/node-pods.ts';
import type { Link } from '../../lib/network/links.ts';
import type { Caller, CallerFinder } from '../../metadata/workloads/caller.ts';
import { sharedList } from '../../metadata/workloads/shared-list.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { NodeWorld, RealPod } from './node-world.ts';

/** Changes what the finder sees, to show that it needs a witness. */
export interface Sight {
  readonly pods?: (pods: readonly NodePod[], world: NodeWorld) => readonly NodePod[];
  readonly folders?: (folders: PodFolders, world: NodeWorld) => PodFolders;
  readonly link?: (link: Link) => Link;
  /** True: the node seems never to have been booted. */
  readonly forgetsBoot?: boolean;
}

/** The finder on a node of which everything is known. */
export class NodeScene {
  readonly #time: VirtualTime;
  readonly #world: NodeWorld;
  readonly #sight: Sight;
  #finder: CallerFinder<NodePod>;
  #gone: ((uid: string) => void)[] = [];
  #changed = new Set<() => void>();
  /** Time that the API server needs for a list; `down`: it does not answer. */
  api: number | 'down' = 0;
  readonly wrong: string[] = [];
  readonly verdicts = { workload: 0, unclear: 0, stranger: 0 };
  readonly #asked: Promise<void>[] = [];

  constructor(time: VirtualTime, world: NodeWorld, sight: Sight = {}) {
    this.#time = time;
    this.#world = world;
    this.#sight = sight;
    this.#finder = this.#open();
  }

  pass(ms: number): Promise<void> {
    return this.#time.pass(ms);
  }

  /** The watch brings everything that the API server shows. */
  deliver(): void {
    const before = this.#world.watched;
    this.#world.watched = this.#world.shown;
    const uids = new Set(this.#world.watched.map(({ uid }) => uid));
    for (const { uid } of before) if (!uids.has(uid)) for (const callback of this.#gone) callback(uid);
    for (const callback of [...this.#changed]) callback();
  }

  restartAgent(): void {
    this.#gone = [];
    this.#changed = new Set();
    this.#finder = this.#open();
  }

  /** A container of the pod connects. What the finder says is compared with the truth. */
  ask(pod: RealPod): Promise<Caller<NodePod>> {
    const { sandbox } = pod;
    const connection = { address: sandbox?.address ?? '', acceptedAtMs: this.#time.clock().monotonicMs() };
    const found = this.#finder.find(connection, new AbortController().signal);
    this.#asked.push(
      found.then((caller) => {
        this.verdicts[caller.kind] += 1;
        // Without its sandbox, the caller gets no answer.
        if (caller.kind !== 'workload' || pod.sandbox !== sandbox) return;
        if (caller.workload.folder !== pod.folder)
          this.wrong.push(`${pod.folder} was taken for ${caller.workload.folder}`);
      }),
    );
    return found;
  }

  async allAnswered(): Promise<void> {
    await this.pass(10_000);
    await Promise.all(this.#asked);
  }

  #open(): CallerFinder<NodePod> {
    const world = this.#world;
    const { folders = (same) => same, link = (same) => same, forgetsBoot = false } = this.#sight;
    const clock = this.#time.clock();
    return createCallerFinder({
      pods: {
        byUid: (uid) => world.watched.find((pod) => pod.uid === uid),
        listNow: sharedList(() => this.#list(), { burst: 20, everyMs: 200 }, clock),
        onGone: (callback) => void this.#gone.push(callback),
        onChange: (callback) => {
          this.#changed.add(callback);
          return () => void this.#changed.delete(callback);
        },
      },
      readFolders: () => folders(world.folders, world),
      findLink: (address) => {
        const real = world.linkOf(address);
        return real && link(real);
      },
      bootedMs: () => (forgetsBoot ? 0 : world.bootedMs),
      clock,
    });
  }

  /** A list shows one moment between its beginning and its end. */
  async #list(): Promise<Snapshot> {
    const begunAtMs = this.#time.clock().monotonicMs();
    if (this.api === 'down') {
      await this.#wait(2_000);
      throw new Error('no answer');
    }
    const ms = this.api;
    await this.#wait(ms / 2);
    const { pods: see = (same: readonly NodePod[]) => same } = this.#sight;
    const pods = see(this.#world.shown, this.#world);
    await this.#wait(ms / 2);
    return { begunAtMs, pods };
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#time.clock().after(ms, resolve));
  }
}
