import { connectCommands, type NetworkNamespace, openNamespace } from './network-namespace.ts';

/** Metadata addresses, all of which the other host of the network answers at, as a cloud does. */
export const CLOUD_METADATA = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  'fd00:ec2::254',
  'fd00:ec2::23',
] as const;
export const NODE = { ipv4: '198.18.0.2', ipv6: 'fd00:9::2' } as const;
const CLOUD = { ipv4: '198.18.0.1', ipv6: 'fd00:9::1' } as const;
const BRIDGE = { ipv4: '10.244.0.1', ipv6: 'fd00:244::1' } as const;
export const POD_ADDRESS = {
  first: { ipv4: '10.244.0.2', ipv6: 'fd00:244::2' },
  second: { ipv4: '10.244.0.3', ipv6: 'fd00:244::3' },
  /** Pod with a cable of its own, whose end on the node has no IPv4 address. */
  routed: { ipv4: '10.245.0.2', ipv6: 'fd00:245::2' },
} as const;

export type PodName = keyof typeof POD_ADDRESS;

/** A node with pods, and the network behind it. */
export interface NodeNetwork {
  readonly node: NetworkNamespace;
  /** Another host of the network, which is also the cloud's metadata service. */
  readonly cloud: NetworkNamespace;
  readonly pods: Readonly<Record<PodName, NetworkNamespace>>;
  close(): Promise<void>;
}

/**
 * Creates namespaces as a node with pods has them: two pods at a bridge, as of most CNI plugins, and one with
 * a routed cable, as of Calico, Cilium and the CNI of AWS. The node's packets to the metadata addresses go
 * to the cloud by its default route.
 */
export async function openNodeNetwork(): Promise<NodeNetwork> {
  const [node, cloud, first, second, routed] = await Promise.all([
    openNamespace(),
    openNamespace(),
    openNamespace(),
    openNamespace(),
    openNamespace(),
  ]);
  await node.must([
    'ip link set lo up',
    'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1',
    `ip link add up0 type veth peer name node0 netns ${cloud.pid}`,
    ...connectCommands('up0', NODE),
    'ip link add cni0 type bridge',
    ...connectCommands('cni0', BRIDGE),
  ]);
  await cloud.must([
    'ip link set lo up',
    ...connectCommands('node0', CLOUD),
    ...CLOUD_METADATA.map((address) => `ip address add ${address} dev lo`),
    `ip route add 10.244.0.0/15 via ${NODE.ipv4}`,
    ...['fd00:244::/64', 'fd00:245::/64'].map((range) => `ip route add ${range} via ${NODE.ipv6}`),
  ]);
  await node.must([`ip -4 route add default via ${CLOUD.ipv4}`, `ip -6 route add default via ${CLOUD.ipv6}`]);
  await attachToBridge(node, first, 'first');
  await attachToBridge(node, second, 'second');
  await attachByRoute(node, routed);
  const all = [node, cloud, first, second, routed];
  return {
    node,
    cloud,
    pods: { first, second, routed },
    close: async () => {
      await Promise.all(all.map((namespace) => namespace.close()));
    },
  };
}

async function attachToBridge(node: NetworkNamespace, pod: NetworkNamespace, name: 'first' | 'second') {
  await node.must([
    `ip link add veth-${name} type veth peer name eth0 netns ${pod.pid}`,
    `ip link set veth-${name} master cni0 up`,
  ]);
  await pod.must([
    'ip link set lo up',
    ...connectCommands('eth0', POD_ADDRESS[name]),
    `ip -4 route add default via ${BRIDGE.ipv4}`,
    `ip -6 route add default via ${BRIDGE.ipv6}`,
  ]);
}

async function attachByRoute(node: NetworkNamespace, pod: NetworkNamespace): Promise<void> {
  const { ipv4, ipv6 } = POD_ADDRESS.routed;
  await node.must([
    `ip link add cali0 type veth peer name eth0 netns ${pod.pid}`,
    'ip link set cali0 address ee:ee:ee:ee:ee:ee',
    'ip address add fe80::1/64 dev cali0 nodad',
    'ip link set cali0 up',
    'sysctl -qw net.ipv4.conf.cali0.proxy_arp=1 net.ipv4.neigh.cali0.proxy_delay=0',
    `ip route add ${ipv4}/32 dev cali0`,
    `ip route add ${ipv6}/128 dev cali0`,
  ]);
  await pod.must([
    'ip link set lo up',
    `ip address add ${ipv4}/32 dev eth0`,
    `ip address add ${ipv6}/128 dev eth0 nodad`,
    'ip link set eth0 up',
    'ip route add 169.254.1.1 dev eth0 scope link',
    'ip route add default via 169.254.1.1 dev eth0',
    'ip -6 route add default via fe80::1 dev eth0',
  ]);
}
