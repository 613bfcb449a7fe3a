import { isIPv4, isIPv6 } from 'node:net';
import { PodroleError } from '../../lib/errors.ts';
import { isPlainName, type WorkloadInterfaces, workloadInterfaces } from './workload-interfaces.ts';
import { PODS } from './workloads.ts';

/** Network interface of the node. */
export interface NodeInterface {
  readonly name: string;
  /** Without those that only neighbours can use (fe80::). */
  readonly addresses: readonly string[];
  readonly hasDefaultRoute: boolean;
  /** True for a card, also a virtual machine's; false for a bridge, a tunnel or one end of a cable. */
  readonly isHardware: boolean;
}

/** Network of a machine, as its rules need it. */
export interface WorkloadNetwork {
  readonly interfaces: WorkloadInterfaces;
  /**
   * Addresses of the machine that the rules lead to; undefined if they lead to the address of the interface
   * by which a packet comes.
   */
  readonly addresses: { readonly ip?: string | undefined; readonly ip6?: string | undefined } | undefined;
}

/**
 * Finds the pods' interfaces and an address of the node.
 * @param given `nodeAddresses` and `podInterfaces` of the settings, empty if they are not set
 * @throws PodroleError `UPLINK_UNKNOWN` if nothing tells an uplink from a pod's interface, `INVALID_SETTING`
 *   if the settings do not fit the node
 */
export function nodeNetwork(
  interfaces: readonly NodeInterface[],
  given: { readonly nodeAddresses: readonly string[]; readonly podInterfaces: readonly string[] },
): WorkloadNetwork {
  const others = interfaces.filter(({ name }) => name !== 'lo');
  const isGiven = (address: string) => given.nodeAddresses.includes(address);
  for (const address of given.nodeAddresses)
    if (!interfaces.some(({ addresses }) => addresses.includes(address))) throw notOfNode(address);
  const uplinks = others.filter(
    ({ addresses, hasDefaultRoute, isHardware }) => hasDefaultRoute || isHardware || addresses.some(isGiven),
  );
  const routed = [...uplinks].sort((a, b) => Number(b.hasDefaultRoute) - Number(a.hasDefaultRoute));
  const candidates = [...given.nodeAddresses, ...routed.flatMap(({ addresses }) => addresses)];
  const addresses = { ip: candidates.find(isIPv4), ip6: candidates.find(isIPv6) };
  const names = uplinks.map(({ name }) => name);
  if (!names.every(isPlainName) || names.length === 0 || candidates.length === 0) throw uplinkUnknown();
  return { interfaces: workloadInterfaces(names, given.podInterfaces, PODS), addresses };
}

function notOfNode(address: string): PodroleError {
  return new PodroleError({
    code: 'INVALID_SETTING',
    object: '--node-address',
    problem: `is ${address}, which no interface of this network namespace has`,
    remedy: 'run it with hostNetwork, and give the status.hostIP of the pod, or leave it out',
  });
}

function uplinkUnknown(): PodroleError {
  return new PodroleError({
    code: 'UPLINK_UNKNOWN',
    object: 'the network of the node',
    problem: 'has neither a default route nor a network card with an address, so nothing tells it from pods',
    remedy: 'give --node-address, the status.hostIP of the pod',
  });
}
