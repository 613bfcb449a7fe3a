import { NODE_SIDE_ADDRESS, SERVICE_ADDRESSES } from '../cluster/components.ts';

/**
 * The bridge between the nodes. Nodes reach the servers of tests at its end in the network namespace of e2e.
 */
export const BRIDGE = 'node0';
export const POD_ADDRESSES = '10.244.0.0/16';

export interface NodeAddresses {
  /** 198.18.0.2 for the first node. */
  readonly address: string;
  /** Range of its pods: 1022 addresses, enough for a kubelet that restarts hundreds of pods. */
  readonly podRange: string;
  /** Name of its cable at the end of the bridge. */
  readonly port: string;
}

/** @param index 0 for the first node */
export function addressesOf(index: number): NodeAddresses {
  return {
    address: `198.18.0.${index + 2}`,
    podRange: `10.244.${index * 4}.0/22`,
    port: `${BRIDGE}-${index + 1}`,
  };
}

type Commands = readonly (readonly string[])[];

/**
 * Returns the `ip` commands that connect the network namespace of e2e. There is no default route: unknown
 * addresses must fail at once, and no address may lead to the machine's network. Processes of the namespace
 * reach Services through kube-proxy.
 */
export function bridgeCommands(): Commands {
  return [
    ['link', 'add', BRIDGE, 'type', 'bridge'],
    ['address', 'add', `${NODE_SIDE_ADDRESS}/24`, 'dev', BRIDGE],
    ['link', 'set', BRIDGE, 'up'],
    ['route', 'add', SERVICE_ADDRESSES, 'dev', BRIDGE, 'src', NODE_SIDE_ADDRESS],
  ];
}

/**
 * Returns the `ip` commands for the bridge's side of a node.
 * @param pid of a process in the node's network namespace
 */
export function portCommands({ address, podRange, port }: NodeAddresses, pid: number): Commands {
  return [
    ['link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)],
    ['link', 'set', port, 'master', BRIDGE, 'up'],
    ['route', 'add', podRange, 'via', address],
  ];
}

/** Returns the `ip` commands for the node's side. @param others addresses of the other nodes */
export function nodeCommands(own: NodeAddresses, others: readonly NodeAddresses[]): Commands {
  return [
    ['address', 'add', `${own.address}/24`, 'dev', 'eth0'],
    ['link', 'set', 'eth0', 'up'],
    ['route', 'add', SERVICE_ADDRESSES, 'dev', 'eth0', 'src', own.address],
    ...others.map(({ address, podRange }) => ['route', 'add', podRange, 'via', address]),
  ];
}
