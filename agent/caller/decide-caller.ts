import { isOver } from '../pods/is-over.ts';
import type { NodePod } from '../pods/node-pod.ts';
import {
  hasStarted,
  isOfLastStart,
  isUntouched,
  type PodFolder,
  type PodFolders,
} from './witness/pod-folder.ts';

/**
 * Everything that is known about a connection. The list and the folders were read after it was accepted: the
 * caller is a pod of the list, or a folder of kubelet alone, and had the address all the time.
 */
export interface Evidence {
  readonly address: string;
  readonly pods: readonly NodePod[];
  readonly folders: PodFolders;
  /** Time at which the node was booted, by the wall clock: sandboxes do not survive this. */
  readonly bootedMs: number;
  /** Pod after which the network has named the device of the address; undefined if it names none, or two. */
  readonly ownerOfDevice?: NodePod | undefined;
  /** Time at which the folders were read or later, by the wall clock. */
  readonly nowMs: number;
}

/** `again`: looking again a moment later can help. */
export type Verdict =
  | { readonly kind: 'workload'; readonly workload: NodePod }
  | { readonly kind: 'again'; readonly reason: string }
  | { readonly kind: 'stranger'; readonly reason: string };

/**
 * Decides which pod has an address. A pod is certain if all of this holds:
 *
 * - The API server shows it at the address, with a container that runs. Before kubelet replaces a sandbox, it
 *   reports that no container runs.
 * - Its hosts file, written since the node was booted, has the address. So an address that the API server
 *   still shows, from before a sandbox was replaced, does not count.
 * - No other pod may have the address (see `mayHave`). This holds too if the network names the device of a
 *   pod after it, and the device of the address has the name of this pod alone.
 *
 * Limits, where no link is a witness (IPv6, MACs that are derived from addresses, unless devices are named):
 *
 * - If kubelet's reports that no container runs are late, and somebody else than kubelet has stopped two
 *   sandboxes, a pod that gets the address of the other one can be taken for it, if it has written into its
 *   hosts file or mounts its own. For a pod that has crashed, they must be late by `REPORTED_AFTER_MS`.
 * - A pod without a reported address that empties its hosts file, or mounts its own, holds up the answers to
 *   those that have started before it: until kubelet reports it, or for `REPORTED_AFTER_MS` after each of
 *   its starts if it crashes. The reason names it.
 *
 * Takes time in proportion to the number of pods and folders.
 */
export function decideCaller(evidence: Evidence): Verdict {
  const { address, pods, folders, nowMs } = evidence;
  const rivals: Rival[] = [];
  const uids = new Set(pods.flatMap(({ uid, isMirror }) => (isMirror ? [] : [uid])));
  const listed = new Set<string>();
  for (const pod of pods) {
    // Whoever creates a pod can call it the mirror of another one.
    if (pod.isMirror && uids.has(pod.folder)) continue;
    listed.add(pod.folder);
    const folder = folders.get(pod.folder);
    const claim = mayHave({ address, nowMs }, pod, folder);
    if (folder && claim) rivals.push({ uid: pod.uid, pod, folder, claim });
  }
  for (const [name, folder] of folders) {
    const claim = listed.has(name) ? undefined : mayHaveUnlisted(address, folder);
    if (claim) rivals.push({ uid: name, pod: undefined, folder, claim });
  }
  if (rivals.length > 0) return judge(evidence, rivals);
  const unseen = pods.find((pod) => !pod.isHostNetwork && !isOver(pod) && pod.addresses.includes(address));
  if (!unseen) return { kind: 'stranger', reason: 'no pod of this node has the address' };
  return { kind: 'again', reason: `kubelet's folder of pod ${idOf(unseen)} does not confirm its address` };
}

interface Rival {
  readonly uid: string;
  /** Undefined for a folder whose pod is not in the list. */
  readonly pod: NodePod | undefined;
  readonly folder: PodFolder;
  readonly claim: Claim;
}

/** Evidence for an address: the status of the pod, its hosts file, or that nothing says where it is. */
type Claim = 'status' | 'hosts' | 'unknown';

/**
 * Returns why a pod may have the address; undefined if it cannot. A hosts file as kubelet wrote it is true as
 * long as a container runs. If the pod has written into it, it may be anywhere until the API server shows
 * an address and a running container.
 */
function mayHave(
  { address, nowMs }: Pick<Evidence, 'address' | 'nowMs'>,
  pod: NodePod,
  folder: PodFolder | undefined,
): Claim | undefined {
  // What a mirror says of its network may be a lie, to hide the folder.
  if (!folder || (pod.isHostNetwork && !pod.isMirror) || isOver(pod) || !hasStarted(folder)) return undefined;
  const isShown = pod.addresses.includes(address);
  if (hostsHas(folder, address)) {
    if (isShown) return 'status';
    return !isUntouched(folder) && isElsewhere(pod, folder, nowMs) ? undefined : 'hosts';
  }
  if (isProof(pod, folder)) return undefined;
  if (isShown) return 'status';
  if (isElsewhere(pod, folder, nowMs)) return undefined;
  return pod.addresses.length === 0 || !pod.isRunning ? 'unknown' : undefined;
}

/** Longer than kubelet takes to report a container, even if it reports many pods. */
const REPORTED_AFTER_MS = 10_000;

/**
 * Returns true if the API server shows the pod elsewhere, with the container that kubelet created last. So
 * this holds even if its hosts file says something else. If that container has ended, it counts only when
 * the next one would have been reported.
 */
function isElsewhere(pod: NodePod, { createdMs }: PodFolder, nowMs: number): boolean {
  // The API server shows whole seconds.
  if (createdMs === undefined || createdMs >= pod.startedMs + 1_000) return false;
  return pod.addresses.length > 0 && (pod.isRunning || nowMs - createdMs > REPORTED_AFTER_MS);
}

/**
 * Returns why a pod that the API server does not show may have the address: a static pod that has no mirror
 * yet, or one that was removed by force. Its hosts file is evidence if it was written for the last container.
 */
function mayHaveUnlisted(address: string, folder: PodFolder): Claim | undefined {
  if (!hasStarted(folder)) return undefined;
  if (hostsHas(folder, address)) return 'hosts';
  return isUntouched(folder) && isOfLastStart(folder) ? undefined : 'unknown';
}

/** A container that mounts its own hosts file may have been started in a newer sandbox. */
function isProof(pod: NodePod, folder: PodFolder): boolean {
  return !pod.hasOwnHosts && isUntouched(folder);
}

function judge({ address, bootedMs, nowMs, ownerOfDevice }: Evidence, rivals: readonly Rival[]): Verdict {
  // The latest start comes first, so that one look at the first two is enough.
  let best: Rival | undefined;
  for (const rival of rivals) {
    if (isProven(rival, address, bootedMs) && startOf(rival) > (best ? startOf(best) : -1)) best = rival;
  }
  const { pod } = best ?? {};
  if (best && pod) {
    const winner = best;
    // Another pod of the list has another device.
    const isCleared = (rival: Rival) => rival.pod !== undefined && pod === ownerOfDevice;
    const other = rivals.find(
      (rival) => rival !== winner && !isCleared(rival) && !isOlder(rival, winner, nowMs),
    );
    if (!other) return { kind: 'workload', workload: pod };
    return { kind: 'again', reason: `${nameOf(other)} may have the address as well` };
  }
  const [first] = rivals;
  return { kind: 'again', reason: first ? whyUnproven(first, bootedMs) : '' };
}

function isProven({ pod, folder, claim }: Rival, address: string, bootedMs: number): boolean {
  const { hosts } = folder;
  if (!pod || claim !== 'status' || !pod.isRunning || !hosts) return false;
  return hosts.changedMs >= bootedMs && hosts.addresses.includes(address);
}

/**
 * Returns true if kubelet created the last container of a rival before it wrote the address into the hosts
 * file of the winner. So the rival does not have the address: it would have got it later, with a new sandbox,
 * and then kubelet would have created a container. What the rival writes into its own hosts file does not
 * matter. If the clock was set back, times say nothing.
 */
function isOlder(rival: Rival, winner: Rival, nowMs: number): boolean {
  const latest = rival.folder.createdMs;
  const written = winner.folder.hosts?.changedMs;
  if (latest === undefined || written === undefined || !winner.pod) return false;
  return latest < written && written <= nowMs && isProof(winner.pod, winner.folder);
}

function startOf({ folder }: Rival): number {
  return folder.createdMs ?? 0;
}

function whyUnproven({ uid, pod, claim, folder }: Rival, bootedMs: number): string {
  if (!pod) return `the API server does not show pod ${uid}, which may have the address`;
  const name = `pod ${idOf(pod)}`;
  if (claim === 'unknown' || pod.addresses.length === 0)
    return `kubelet has not reported the address of ${name}`;
  if (claim === 'hosts') return `kubelet has not reported that ${name} has the address now`;
  if (!pod.isRunning) return `the API server shows no running container of ${name}`;
  if (!folder.hosts) {
    return `${name} mounts its own hosts file, so nothing confirms its address; use the token of the agent`;
  }
  if (folder.hosts.changedMs < bootedMs) return `${name} has not started since the node was booted`;
  return `the hosts file of ${name} does not have the address`;
}

function nameOf({ uid, pod }: Rival): string {
  return pod ? `pod ${idOf(pod)}` : `pod ${uid}, which the API server does not show,`;
}

function idOf({ namespace, name }: NodePod): string {
  return `${namespace}/${name}`;
}

function hostsHas({ hosts }: PodFolder, address: string): boolean {
  return hosts?.addresses.includes(address) === true;
}
