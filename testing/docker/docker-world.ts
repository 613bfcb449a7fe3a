import type { HostNetwork, NetworkView } from '../../docker/api/read-network.ts';
import type { BridgePort } from '../../docker/caller/bridge-port.ts';
import type { Neighbour } from '../../docker/caller/neighbour.ts';
import type { HostContainer } from '../../docker/containers/host-container.ts';

/** Addresses of the network of a Docker host that are given out: few, so that they change hands. */
const ADDRESSES = ['10.9.0.4', '10.9.0.5'] as const;

export const NETWORK: HostNetwork = { id: 'network-1', name: 'small', driver: 'bridge', bridge: 'br-1' };

/** Time from a start to an end of a container. */
export interface Life {
  readonly endpointId: string;
  readonly address: string;
  readonly mac: string;
  readonly pid: number;
  readonly port: BridgePort;
  /** Name of its network namespace. */
  readonly namespace: string;
}

export interface RealContainer {
  readonly id: string;
  /** Undefined while it does not run. */
  life: Life | undefined;
}

/** `podman`: the other ends of all ports have the same index. */
export type WorldKind = 'docker' | 'podman';

/** A Docker host as it really is. */
export class DockerWorld {
  readonly containers: readonly RealContainer[];
  /** Containers as events have told. */
  known: readonly HostContainer[] = [];
  /** Links to which the kernel sends the packets of an address, and ports behind which a MAC was seen. */
  readonly neighbours = new Map<string, Neighbour>();
  readonly ports = new Map<string, BridgePort>();
  /** Containers that claim an address that another one has. */
  readonly thieves = new Map<string, RealContainer>();
  readonly #kind: WorldKind;
  #lives = 0;

  constructor(count: number, kind: WorldKind = 'docker') {
    this.#kind = kind;
    this.containers = Array.from({ length: count }, (_, at) => ({ id: `id-${at}`, life: undefined }));
  }

  /**
   * Starts a container if an address is free. The MAC is derived from the address, as Docker did up to 27.
   */
  start(container: RealContainer): void {
    const address = ADDRESSES.find((each) => !this.containers.some(({ life }) => life?.address === each));
    if (container.life || !address) return;
    this.#lives += 1;
    const index = 100 + 2 * this.#lives;
    const peerIndex = this.#kind === 'podman' ? 2 : index - 1;
    const port = { device: `veth${index}`, index, peerIndex, isAmbiguous: false };
    const mac = `02:42:${address}`;
    container.life = {
      endpointId: `endpoint-${this.#lives}`,
      address,
      mac,
      pid: this.#lives,
      port,
      namespace: `netns-${this.#lives}`,
    };
  }

  /** Ends a container. Its interface goes with it, and its claims. */
  stop(container: RealContainer): void {
    container.life = undefined;
    for (const [address, thief] of this.thieves) if (thief === container) this.thieves.delete(address);
  }

  /**
   * A container sends packets, with its own address. Nobody hears it while another one claims the address.
   */
  speak({ life }: RealContainer): void {
    if (life && !this.thieves.has(life.address)) this.#hear(life.address, life.mac, life.port);
  }

  /**
   * A container sends packets with the address of another one, and with the MAC of that one if it can.
   * Returns false if it is not heard, because another one claims its own place.
   */
  forge(thief: RealContainer, { address, mac }: Life, hasMac: boolean): boolean {
    if (!thief.life || this.thieves.has(thief.life.address)) return false;
    this.thieves.set(address, thief);
    this.#hear(address, hasMac ? mac : thief.life.mac, thief.life.port);
    return true;
  }

  #hear(address: string, mac: string, port: BridgePort): void {
    this.neighbours.set(address, { device: NETWORK.bridge, mac });
    this.ports.set(mac, port);
  }

  /** Port behind which a MAC was seen. */
  portOf(mac: string): BridgePort | undefined {
    const port = this.ports.get(mac);
    const lives = this.containers.flatMap(({ life }) => life ?? []);
    const alike = lives.filter(({ port: other }) => other.peerIndex === port?.peerIndex);
    return port && { ...port, isAmbiguous: alike.length > 1 };
  }

  /** Name of the network namespace behind a port; undefined if it has ended. */
  namespaceBehind({ index }: BridgePort): string | undefined {
    return this.containers.find(({ life }) => life?.port.index === index)?.life?.namespace;
  }

  view(): NetworkView {
    const endpoints = this.containers.flatMap(({ id, life }) =>
      life
        ? [{ endpointId: life.endpointId, containerId: id, addresses: [life.address], mac: life.mac }]
        : [],
    );
    return { id: NETWORK.id, endpoints };
  }

  inspect(id: string): HostContainer | undefined {
    const container = this.containers.find((each) => each.id === id);
    return container && describe(container, this.#kind);
  }

  running(): readonly HostContainer[] {
    return this.containers.filter(({ life }) => life).map((each) => describe(each, this.#kind));
  }
}

function describe({ id, life }: RealContainer, kind: WorldKind): HostContainer {
  const folder = kind === 'podman' ? '/run/netns' : '/var/run/docker/netns';
  return {
    id,
    name: id,
    image: 'busybox:1',
    labels: new Map(),
    environment: new Map(),
    isRunning: life !== undefined,
    pid: life?.pid ?? 0,
    networkMode: NETWORK.name,
    networkNamespace: life ? `${folder}/${life.namespace}` : '',
    endpoints: life
      ? [
          {
            networkId: NETWORK.id,
            networkName: NETWORK.name,
            endpointId: life.endpointId,
            addresses: [life.address],
            mac: life.mac,
          },
        ]
      : [],
  };
}
