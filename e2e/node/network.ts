import { NODE_SIDE_ADDRESS, SERVICE_ADDRESSES } from '../cluster/components.ts';

/** The cable between the nodes; its end in the e2e's own network namespace is where servers of tests are reached. */
export const BRIDGE = 'node0';
export const POD_ADDRESSES = '10.244.0.0/16';

export interface NodeAddresses {
  /** 198.18.0.2 for the first node. */
  readonly address: string;
  /** Range of its pods: 1022 addresses, as a kubelet that starts hundreds of pods again and again needs them. */
  readonly podRange: string;
  /** Name of the bridge's end of its cable. */
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
 * `ip` commands that connect the e2e's own network namespace. No default route: what is not known has to be refused at once,
 * and nothing may lead to the machine's own network. Its processes reach Services, which kube-proxy answers for.
 */
export function bridgeCommands(): Commands {
  return [
    ['link', 'add', BRIDGE, 'type', 'bridge'],
    ['address', 'add', `${NODE_SIDE_ADDRESS}/24`, 'dev', BRIDGE],
    ['link', 'set', BRIDGE, 'up'],
    ['route', 'add', SERVICE_ADDRESSES, 'dev', BRIDGE, 'src', NODE_SIDE_ADDRESS],
  ];
}

/** `ip` commands for the bridge's side of a node. @param pid of a process in the node's network namespace */
export function portCommands({ address, podRange, port }: NodeAddresses, pid: number): Commands {
  return [
    ['link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)],
    ['link', 'set', port, 'master', BRIDGE, 'up'],
    ['route', 'add', podRange, 'via', address],
  ];
}

/** `ip` commands for the node's side. @param others addresses of the other nodes */
export function nodeCommands(own: NodeAddresses, others: readonly NodeAddresses[]): Commands {
  return [
    ['address', 'add', `${own.address}/24`, 'dev', 'eth0'],
    ['link', 'set', 'eth0', 'up'],
    ['route', 'add', SERVICE_ADDRESSES, 'dev', 'eth0', 'src', own.address],
    ...others.map(({ address, podRange }) => ['route', 'add', podRange, 'via', address]),
  ];
}
