import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What has to be known of the network namespace of this process. */
export interface NetworkNamespace {
  /**
   * The machine's own rather than a pod's. Under the virtual machine of a pod (Kata) it is both; a node that is itself a container
   * (kind) is taken for a pod.
   */
  readonly isMachines: boolean;
  /** False where the kernel was built or started without IPv6. */
  readonly hasIpv6: boolean;
}

/**
 * Reads it from the files of the kernel. The limits of network devices are of the machine as a whole: their files are there in the first
 * network namespace alone. Linux, net/core/sysctl_net_core.c, net_core_table
 * @param proc where procfs is mounted
 */
export function readNetworkNamespace(proc = '/proc'): NetworkNamespace {
  return {
    isMachines: existsSync(join(proc, 'sys/net/core/netdev_max_backlog')),
    hasIpv6: existsSync(join(proc, 'net/if_inet6')),
  };
}
