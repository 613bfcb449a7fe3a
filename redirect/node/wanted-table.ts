import type { NetworkNamespace } from '../network-namespace.ts';
import type { RedirectSettings } from '../settings.ts';
import { dockerNetwork } from './docker-network.ts';
import { type NodeInterface, nodeNetwork, type WorkloadNetwork } from './node-network.ts';
import type { NodeTableOptions } from './node-table.ts';
import { CONTAINERS, PODS, type Workloads } from './workloads.ts';

/** Table without what only the kernel can tell. */
export type WantedTable = Omit<NodeTableOptions, 'checksSource'>;

/** Returns whose metadata addresses are redirected. */
export function workloadsOf({ docker }: RedirectSettings): Workloads {
  return docker ? CONTAINERS : PODS;
}

/**
 * Returns the table that this machine needs now.
 * @throws PodroleError `UPLINK_UNKNOWN` if the pods' interfaces cannot be found, `INVALID_SETTING` if the
 *   settings do not fit the machine
 */
export function wantedTable(
  settings: RedirectSettings,
  { interfaces, namespace }: { interfaces: () => readonly NodeInterface[]; namespace: NetworkNamespace },
): WantedTable {
  const { agentPort, dockerPort, podInterface, nodeAddress, containerInterface } = settings;
  const common = { workloads: workloadsOf(settings), hasIpv6: namespace.hasIpv6 };
  if (settings.docker)
    return { ...common, port: dockerPort, network: dockerNetwork(interfaces(), containerInterface) };
  const given = { podInterfaces: podInterface, nodeAddresses: nodeAddress };
  return { ...common, port: agentPort, network: nodeNetwork(interfaces(), given) };
}

/** Interfaces of the workloads, in words. */
export function describeInterfaces({ interfaces }: WorkloadNetwork): string {
  return interfaces.kind === 'matching'
    ? `interfaces ${interfaces.patterns.join(', ')}`
    : `all interfaces but ${interfaces.names.join(', ')}`;
}

/** Addresses of the machine that the rules lead to, for output; empty if they lead to the bridges' own. */
export function namedAddresses({ addresses = {} }: WorkloadNetwork): {
  readonly nodeAddresses?: readonly string[];
} {
  const named = Object.values(addresses).filter((address) => address !== undefined);
  return named.length > 0 ? { nodeAddresses: named } : {};
}

/** Returns what the rules do not do on this machine. */
export function limitsOf({
  hasIpv6,
  workloads: { many, host },
  network: { addresses },
  checksSource,
}: NodeTableOptions): readonly string[] {
  const refused = (protocol: string) =>
    `the ${host} has no ${protocol} address, so ${many} are refused at the ${protocol} metadata addresses`;
  return [
    ...(hasIpv6 ? [] : ['the kernel has no IPv6; only IPv4 addresses are redirected']),
    ...(!addresses || addresses.ip ? [] : [refused('IPv4')]),
    ...(!addresses || addresses.ip6 || !hasIpv6 ? [] : [refused('IPv6')]),
    ...(checksSource
      ? []
      : [
          'the kernel cannot look up routes in rules (nft_fib_inet); a forged source is not compared with its interface',
        ]),
  ];
}
