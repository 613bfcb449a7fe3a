import { connectCommands, type NetworkNamespace, openNamespace } from './network-namespace.ts';
import { CLOUD_METADATA } from './node-network.ts';

export const HOST = { ipv4: '198.18.0.2', ipv6: 'fd00:9::2' } as const;
const CLOUD = { ipv4: '198.18.0.1', ipv6: 'fd00:9::1' } as const;

/** Networks of the host: the default one, and one that the user made. */
export const BRIDGES = {
  docker0: { ipv4: '172.17.0.1', ipv6: 'fd00:17::1' },
  'br-shop': { ipv4: '172.18.0.1', ipv6: 'fd00:18::1' },
} as const;
type BridgeName = keyof typeof BRIDGES;

/** A Docker host with a container in each network, and the network behind it. */
export interface DockerNetwork {
  readonly host: NetworkNamespace;
  /** Another host of the network, which is also the cloud's metadata service. */
  readonly cloud: NetworkNamespace;
  readonly containers: Readonly<Record<BridgeName, NetworkNamespace>>;
  close(): Promise<void>;
}

/**
 * Creates namespaces as a Docker host with containers has them, with the rules that dockerd loads. The
 * packets of host and containers to the metadata addresses go to the cloud by the default route of the host.
 */
export async function openDockerNetwork(): Promise<DockerNetwork> {
  const [host, cloud, first, second] = await Promise.all([
    openNamespace(),
    openNamespace(),
    openNamespace(),
    openNamespace(),
  ]);
  await host.must([
    'ip link set lo up',
    'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1',
    `ip link add up0 type veth peer name host0 netns ${cloud.pid}`,
    ...connectCommands('up0', HOST),
  ]);
  await cloud.must([
    'ip link set lo up',
    ...connectCommands('host0', CLOUD),
    ...CLOUD_METADATA.map((address) => `ip address add ${address} dev lo`),
    `ip route add 172.16.0.0/12 via ${HOST.ipv4}`,
    ...['fd00:17::/64', 'fd00:18::/64', 'fd00:19::/64'].map(
      (range) => `ip route add ${range} via ${HOST.ipv6}`,
    ),
  ]);
  await setDefaultRoutes(host);
  const containers = { docker0: first, 'br-shop': second };
  for (const [bridge, container] of Object.entries(containers)) {
    await addBridge(host, bridge, BRIDGES[bridge as BridgeName]);
    await attach(host, container, bridge, BRIDGES[bridge as BridgeName]);
  }
  await loadDockerRules(host);
  const all = [host, cloud, first, second];
  return {
    host,
    cloud,
    containers,
    close: async () => {
      await Promise.all(all.map((namespace) => namespace.close()));
    },
  };
}

/** Returns a container in a network that is made now. */
export async function addNetwork(host: NetworkNamespace, bridge: string): Promise<NetworkNamespace> {
  const addresses = { ipv4: '172.19.0.1', ipv6: 'fd00:19::1' };
  await addBridge(host, bridge, addresses);
  const container = await openNamespace();
  await attach(host, container, bridge, addresses);
  return container;
}

/** Leads the host to the cloud, as at the start. */
export async function setDefaultRoutes(host: NetworkNamespace): Promise<void> {
  await host.must([
    `ip -4 route add default via ${CLOUD.ipv4} dev up0`,
    `ip -6 route add default via ${CLOUD.ipv6} dev up0`,
  ]);
}

async function addBridge(host: NetworkNamespace, name: string, addresses: { ipv4: string; ipv6: string }) {
  await host.must([`ip link add ${name} type bridge`, ...connectCommands(name, addresses)]);
}

async function attach(
  host: NetworkNamespace,
  container: NetworkNamespace,
  bridge: string,
  { ipv4, ipv6 }: { readonly ipv4: string; readonly ipv6: string },
): Promise<void> {
  await host.must([
    `ip link add v-${bridge} type veth peer name eth0 netns ${container.pid}`,
    `ip link set v-${bridge} master ${bridge} up`,
  ]);
  await container.must([
    'ip link set lo up',
    ...connectCommands('eth0', { ipv4: next(ipv4), ipv6: next(ipv6) }),
    `ip -4 route add default via ${ipv4}`,
    `ip -6 route add default via ${ipv6}`,
  ]);
}

/** The gateway has the address 1 of its network, the container 2. */
const next = (address: string) => address.replace(/1$/, '2');

/** Rules of dockerd 20.10 with iptables-nft, as nft lists them. */
async function loadDockerRules(host: NetworkNamespace): Promise<void> {
  const table = (family: 'ip' | 'ip6') => `
    table ${family} nat {
      chain DOCKER {
        iifname "docker0" return
      }
      chain PREROUTING {
        type nat hook prerouting priority -100; policy accept;
        fib daddr type local jump DOCKER
      }
    }
    table ${family} filter {
      chain DOCKER-USER {
        return
      }
      chain FORWARD {
        type filter hook forward priority 0; policy drop;
        jump DOCKER-USER
        ct state related,established accept
        iifname "docker0" oifname != "docker0" accept
        iifname "br-shop" oifname != "br-shop" accept
        iifname "br-new" oifname != "br-new" accept
      }
    }`;
  const rules = table('ip') + table('ip6');
  const { code, stderr } = await host.run(['nft', '-f', '-'], { stdin: `${rules}\n` });
  if (code !== 0) throw new Error(stderr);
}
