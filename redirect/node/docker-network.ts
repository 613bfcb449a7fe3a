import type { NodeInterface, WorkloadNetwork } from './node-network.ts';
import { isPlainName, workloadInterfaces } from './workload-interfaces.ts';
import { CONTAINERS } from './workloads.ts';

/**
 * Finds the interfaces of containers. It needs neither an uplink nor an address of the host, so that a laptop
 * may lose and change its network. An uplink whose name a rule cannot express counts as the containers'.
 * @param containerInterfaces of the settings, empty if they are not set
 * @throws PodroleError `INVALID_SETTING` if the setting does not fit the host
 */
export function dockerNetwork(
  interfaces: readonly NodeInterface[],
  containerInterfaces: readonly string[],
): WorkloadNetwork {
  const uplinks = interfaces
    .filter(({ hasDefaultRoute, isHardware }) => hasDefaultRoute || isHardware)
    .map(({ name }) => name)
    .filter((name) => name !== 'lo' && isPlainName(name));
  return { interfaces: workloadInterfaces(uplinks, containerInterfaces, CONTAINERS), addresses: undefined };
}
