/**
 * Evidence in kubelet's folder of a pod. Before kubelet starts a container, it writes the addresses of the
 * sandbox into the hosts file of the pod, then makes a file in a folder of the container, in this order.
 * [kubelet] 1.29 to 1.36, GenerateRunContainerOptions, then makeMounts of kuberuntime
 */
export interface PodFolder {
  /**
   * Hosts file; undefined if there is none. The containers of the pod can write into it, unless they mount
   * their own, but cannot remove it.
   */
  readonly hosts: HostsFile | undefined;
  /**
   * Time at which kubelet last began to create a container, by the wall clock; undefined: never. The pod
   * cannot change it. It was read before the hosts file.
   */
  readonly createdMs: number | undefined;
}

export interface HostsFile {
  /** One address of each family at most, in the form of `normalizeAddress`. */
  readonly addresses: readonly string[];
  /** Time of its last change, by the wall clock. Nobody but the kernel can set it. */
  readonly changedMs: number;
}

/** Folders by name. */
export type PodFolders = ReadonlyMap<string, PodFolder>;

/** Returns true if a container of the pod may have been started. */
export function hasStarted(folder: PodFolder | undefined): boolean {
  return folder !== undefined && (folder.hosts !== undefined || folder.createdMs !== undefined);
}

/**
 * Returns true if the hosts file is as kubelet wrote it. A container can change it only after its own folder
 * was made, so the change is later.
 */
export function isUntouched({ hosts, createdMs }: PodFolder): boolean {
  return hosts !== undefined && createdMs !== undefined && hosts.changedMs <= createdMs;
}

/** kubelet writes the hosts file some milliseconds before it creates a container; a sandbox takes longer. */
const WRITTEN_BEFORE_MS = 100;

/**
 * Returns true if kubelet wrote the hosts file for the container that it created last. It does not if that
 * container mounts its own: then the file may be from before a sandbox was replaced.
 */
export function isOfLastStart({ hosts, createdMs }: PodFolder): boolean {
  return hosts !== undefined && createdMs !== undefined && createdMs - hosts.changedMs <= WRITTEN_BEFORE_MS;
}
