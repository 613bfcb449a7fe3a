import type { Clock } from '../../lib/clock.ts';
import type { FindLink, Link } from '../../lib/network/links.ts';
import type { CallerFinder, Connection } from '../../metadata/workloads/caller.ts';
import { createFinder, type FoundCaller } from '../../metadata/workloads/caller-finder.ts';
import type { NodePod } from '../pods/node-pod.ts';
import type { NodePods, Snapshot } from '../pods/node-pods.ts';
import { decideCaller, type Verdict } from './decide-caller.ts';
import { createLinkPins, type LinkPins } from './link-pins.ts';
import { ownersOf } from './witness/device-owner.ts';
import type { PodFolders } from './witness/pod-folder.ts';

export interface CallerFinderOptions {
  readonly pods: Pick<NodePods, 'byUid' | 'listNow' | 'onGone' | 'onChange'>;
  /** Reads kubelet's folders of pods. May throw. */
  readonly readFolders: () => PodFolders;
  readonly findLink: FindLink;
  /**
   * Returns the time at which the node was booted, by the wall clock. Called once: a clock that is set later
   * moves this time, but not the times of files.
   */
  readonly bootedMs: () => number;
  readonly clock: Clock;
  /** Takes the verdict about each connection, for metrics. */
  readonly onVerdict?: (found: Found) => void;
}

/** `list`: from a list. */
export type Found = FoundCaller<'list'>;

const LOOK_AGAIN_MS = 75;

/** Creates the finder of callers. */
export function createCallerFinder(options: CallerFinderOptions): CallerFinder<NodePod> {
  const { pods, clock, onVerdict } = options;
  const pins = createLinkPins();
  pods.onGone(pins.forget);
  const looks = {
    ...options,
    bootedMs: onlyOnce(options.bootedMs),
    pins,
    readOnce: foldersOfSnapshots(options.readFolders),
  };
  return createFinder({
    atSameLink: (address) => podAtSameLink(looks, address),
    look: (connection) => look(looks, connection),
    onChange: pods.onChange,
    lookAgain: { firstMs: LOOK_AGAIN_MS, longestMs: LOOK_AGAIN_MS },
    by: 'list',
    silence: 'the API server does not answer',
    clock,
    onVerdict,
  });
}

interface Looks extends CallerFinderOptions {
  readonly pins: LinkPins;
  readonly readOnce: (snapshot: Snapshot) => PodFolders;
}

/**
 * Returns the pod that had the address with the same link. The packets of the connection go to this link, and
 * another sandbox would have another one.
 */
function podAtSameLink({ pins, pods, findLink }: Looks, address: string): NodePod | undefined {
  const link = findLink(address);
  if (!link?.isWitness) return undefined;
  const pod = pods.byUid(pins.uidAt(address, link) ?? '');
  return pod?.isRunning && !pod.isEnding && pod.addresses.includes(address) ? pod : undefined;
}

async function look(looks: Looks, { address, acceptedAtMs }: Connection): Promise<Verdict> {
  const snapshot = await looks.pods.listNow();
  if (snapshot.begunAtMs < acceptedAtMs) throw new Error('the list of pods is older than the connection');
  const { pods } = snapshot;
  const folders = looks.readOnce(snapshot);
  const link = looks.findLink(address);
  const owners = ownersOf(link?.device ?? '', pods);
  const verdict = decideCaller({
    address,
    pods,
    folders,
    ownerOfDevice: owners.length === 1 ? owners[0] : undefined,
    bootedMs: looks.bootedMs(),
    nowMs: looks.clock.now().getTime(),
  });
  if (verdict.kind !== 'workload') return verdict;
  const reason = link && whyNotAt(looks, verdict.workload, { address, link, owners, pods, folders });
  return reason === undefined ? verdict : { kind: 'again', reason };
}

interface Place {
  readonly address: string;
  readonly link: Link;
  /** Pods after which its device is named. */
  readonly owners: readonly NodePod[];
  readonly pods: readonly NodePod[];
  readonly folders: PodFolders;
}

/** Returns why the pod is not the caller after all, by the link of the connection; else pins the link. */
function whyNotAt(
  { pins, clock }: Looks,
  pod: NodePod,
  { address, link, owners, pods, folders }: Place,
): string | undefined {
  if (owners.length > 0 && !owners.includes(pod))
    return 'the device of the address is named after another pod';
  const atPort = new Set(link.beside);
  const beside = pods.find(
    (other) => other !== pod && other.isRunning && other.addresses.some((one) => atPort.has(one)),
  );
  if (beside) {
    return `the address and pod ${beside.namespace}/${beside.name} are behind the same port of the bridge`;
  }
  if (!link.isWitness) return undefined;
  const createdMs = folders.get(pod.folder)?.createdMs;
  return pins.pin({ address, link, pod, createdMs, nowMs: clock.now().getTime() });
}

/** Keeps the first result; a failure is not kept. */
function onlyOnce(read: () => number): () => number {
  let known: number | undefined;
  return () => {
    known ??= read();
    return known;
  };
}

/** Reads the folders once for each snapshot, after it was listed. */
function foldersOfSnapshots(read: () => PodFolders): (snapshot: Snapshot) => PodFolders {
  const known = new WeakMap<Snapshot, PodFolders>();
  return (snapshot) => {
    const folders = known.get(snapshot) ?? read();
    known.set(snapshot, folders);
    return folders;
  };
}
