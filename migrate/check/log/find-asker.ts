/** The pod of an address, `namespace/name`; without one: a node, and every pod in its host network. */
export interface Asker {
  readonly pod: string | undefined;
}

/** Returns who had an address at a time; undefined if that is not certain. */
export type FindAsker = (address: string, atMs: number) => Asker | undefined;

/** Time in which a pod had its addresses. */
export interface AddressedPod {
  /** `namespace/name` */
  readonly pod: string;
  readonly addresses: readonly string[];
  readonly isHostNetwork: boolean;
  /** Milliseconds since 1970; undefined if it has not started. */
  readonly startedMs: number | undefined;
  /** Undefined if it still runs, or if the end is not known. */
  readonly endedMs: number | undefined;
}

/** An address that more pods had, such as short Jobs, is not told apart any more: each search stays short. */
const MAX_PODS_OF_ADDRESS = 64;

/**
 * Makes the search for the pod of an address. An address that two pods had at the time, or none that is left
 * in the cluster, has no pod here: it changed hands, and a guess would blame the wrong one.
 */
export function createFindAsker(
  pods: readonly AddressedPod[],
  nodeAddresses: ReadonlySet<string>,
): FindAsker {
  const byAddress = new Map<string, AddressedPod[]>();
  for (const pod of pods) {
    if (pod.isHostNetwork || pod.startedMs === undefined) continue;
    for (const address of pod.addresses) {
      const known = byAddress.get(address);
      if (known) known.push(pod);
      else byAddress.set(address, [pod]);
    }
  }
  return (address, atMs) => {
    if (nodeAddresses.has(address)) return { pod: undefined };
    const candidates = byAddress.get(address) ?? [];
    if (candidates.length > MAX_PODS_OF_ADDRESS) return undefined;
    const [found, ...others] = candidates.filter(
      ({ startedMs = atMs, endedMs = atMs }) => startedMs <= atMs && atMs <= endedMs,
    );
    return found && others.length === 0 ? { pod: found.pod } : undefined;
  };
}
