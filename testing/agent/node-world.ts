import type { PodFolder, PodFolders } from '../../agent/caller/witness/pod-folder.ts';
import type { NodePod } from '../../agent/pods/node-pod.ts';
import type { Link } from '../../lib/network/links.ts';
import type { VirtualTime } from '../virtual-time.ts';

/** Kind of a pod: `own hosts` mounts its own hosts file, `static` is not in the API until it has a mirror. */
export type PodKind = 'plain' | 'own hosts' | 'static' | 'host network';

/** Pod as it really is. */
export interface RealPod {
  /** UID, and name of the folder. */
  readonly folder: string;
  readonly kind: PodKind;
  sandbox: { readonly address: string; readonly mac: string } | undefined;
  /** True if it has had a sandbox: the next one replaces it. */
  hadSandbox: boolean;
  isRunning: boolean;
  /** Time at which its last container started. */
  startedMs: number;
  /** True once none of its containers will run again. */
  isOver: boolean;
  files: PodFolder | undefined;
  /** As the API server shows it; undefined if it does not. */
  shown: NodePod | undefined;
}

export interface WorldOptions {
  /** True if MACs are derived from addresses. */
  readonly hasDerivedMacs: boolean;
  /** True if kubelet may make another sandbox before the API server shows that no container runs. */
  readonly reportsLate: boolean;
}

export const ADDRESSES = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];

/** Node with few addresses, which are given again at once. It knows the truth. */
export class NodeWorld {
  readonly pods: RealPod[] = [];
  readonly options: WorldOptions;
  readonly #time: VirtualTime;
  readonly #links = new Map<string, Link>();
  /** Pods that somebody created as mirrors of others. Nothing runs in them. */
  #falseMirrors: NodePod[] = [];
  #count = 0;
  #sandboxes = 0;
  bootedMs = 0;
  lies = 0;
  watched: readonly NodePod[] = [];

  constructor(time: VirtualTime, options: WorldOptions) {
    this.#time = time;
    this.options = options;
  }

  get wallMs(): number {
    return this.#time.clock().now().getTime();
  }

  get shown(): readonly NodePod[] {
    return [...this.#falseMirrors, ...this.pods.flatMap(({ shown }) => (shown ? [shown] : []))];
  }

  get folders(): PodFolders {
    return new Map(this.pods.flatMap(({ folder, files }) => (files ? [[folder, files]] : [])));
  }

  linkOf(address: string): Link | undefined {
    return this.#links.get(address);
  }

  /** Pods whose containers could be the caller. */
  get running(): readonly RealPod[] {
    return this.pods.filter((pod) => pod.isRunning && pod.sandbox);
  }

  get free(): readonly string[] {
    const taken = new Set(this.pods.map(({ sandbox }) => sandbox?.address));
    return ADDRESSES.filter((address) => !taken.has(address));
  }

  bind(kind: PodKind): RealPod {
    this.#count += 1;
    const folder = `pod-${this.#count}`;
    const pod: RealPod = {
      folder,
      kind,
      sandbox: undefined,
      hadSandbox: false,
      isRunning: false,
      startedMs: 0,
      isOver: false,
      files: { hosts: undefined, createdMs: undefined },
      shown: undefined,
    };
    if (kind !== 'static') pod.shown = shownPod(folder, folder, kind);
    this.pods.push(pod);
    return pod;
  }

  mirror(pod: RealPod): void {
    pod.shown = shownPod(pod.folder, `mirror-of-${pod.folder}`, pod.kind);
  }

  /** Somebody creates a pod that calls itself the mirror of this one. */
  mirrorFalsely({ folder }: RealPod, isHostNetwork: boolean): void {
    const uid = `false-mirror-of-${folder}`;
    this.#falseMirrors = [{ ...shownPod(folder, uid, 'static'), isHostNetwork }, ...this.#falseMirrors];
  }

  makeSandbox(pod: RealPod, address: string): void {
    if (pod.hadSandbox && !this.options.reportsLate) this.report(pod);
    this.#sandboxes += 1;
    const mac = this.options.hasDerivedMacs ? `derived from ${address}` : `random ${this.#sandboxes}`;
    pod.sandbox = { address, mac };
    pod.hadSandbox = true;
    const isWitness = !this.options.hasDerivedMacs;
    this.#links.set(address, { device: 'cni0', mac, port: undefined, isWitness, beside: [] });
  }

  /** Starts a container: kubelet writes the hosts file, then makes a file in the container's folder. */
  start(pod: RealPod): void {
    if (!pod.sandbox) return;
    const hosts = { addresses: [pod.sandbox.address], changedMs: this.wallMs };
    pod.files = { hosts: pod.kind === 'own hosts' ? undefined : hosts, createdMs: this.wallMs };
    pod.isRunning = true;
    pod.startedMs = this.wallMs;
  }

  /** A container writes into its hosts file. */
  lie(pod: RealPod, addresses: readonly string[]): void {
    if (!pod.files?.hosts || !pod.isRunning) return;
    this.lies += 1;
    pod.files = { ...pod.files, hosts: { addresses, changedMs: this.wallMs } };
  }

  loseSandbox(pod: RealPod): void {
    pod.isRunning = false;
    pod.sandbox = undefined;
  }

  /** kubelet reports the pod; of a pod without sandbox it keeps the last address. */
  report(pod: RealPod): void {
    if (!pod.shown) return;
    pod.shown = {
      ...pod.shown,
      addresses: pod.sandbox ? [pod.sandbox.address] : pod.shown.addresses,
      isRunning: pod.isRunning,
      startedMs: Math.floor(pod.startedMs / 1_000) * 1_000,
      isFinished: pod.isOver && !pod.isRunning,
    };
  }

  reboot(): void {
    for (const pod of this.pods) this.loseSandbox(pod);
    this.bootedMs = this.wallMs;
  }

  /** Everything that kubelet still has to do happens. */
  settle(): void {
    this.#falseMirrors = [];
    for (const pod of this.pods) {
      if (pod.isOver || (!pod.shown && pod.kind !== 'static')) this.loseSandbox(pod);
      if (!pod.shown && !pod.sandbox && pod.kind !== 'static') pod.files = undefined;
    }
    for (const pod of this.pods) {
      const [address] = this.free;
      const isWanted = !pod.isOver && pod.kind !== 'host network' && (pod.shown || pod.kind === 'static');
      if (isWanted && !pod.sandbox && address) this.makeSandbox(pod, address);
      if (isWanted && pod.sandbox && !pod.isRunning) this.start(pod);
      if (pod.kind === 'static' && !pod.shown) this.mirror(pod);
      this.report(pod);
    }
    this.watched = this.shown;
  }
}

function shownPod(folder: string, uid: string, kind: PodKind): NodePod {
  return {
    uid,
    namespace: 'shop',
    name: uid,
    serviceAccountName: 'web',
    folder,
    addresses: [],
    isHostNetwork: kind === 'host network',
    isEnding: false,
    isFinished: false,
    isRunning: false,
    startedMs: 0,
    isMirror: kind === 'static',
    hasOwnHosts: kind === 'own hosts',
    grants: [],
    podIdentityToken: undefined,
  };
}
