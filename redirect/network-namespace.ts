import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Facts about the network namespace of this process. */
export interface NetworkNamespace {
  /**
   * True for the machine's own network namespace rather than a pod's. In the virtual machine of a pod (Kata)
   * it is both. A node that is itself a container (kind) is taken for a pod.
   */
  readonly isMachines: boolean;
  /** False if the kernel was built or started without IPv6. */
  readonly hasIpv6: boolean;
}

/**
 * Reads the facts from files of the kernel. The limits of network devices belong to the machine as a whole,
 * so their files exist only in the first network namespace. Linux, net/core/sysctl_net_core.c, net_core_table
 * @param proc mount point of procfs
 */
export function readNetworkNamespace(proc = '/proc'): NetworkNamespace {
  return {
    isMachines: existsSync(join(proc, 'sys/net/core/netdev_max_backlog')),
    hasIpv6: existsSync(join(proc, 'net/if_inet6')),
  };
}
