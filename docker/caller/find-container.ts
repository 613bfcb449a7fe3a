import type { Clock } from '../../lib/clock.ts';
import type { CallerFinder } from '../../metadata/workloads/caller.ts';
import { createFinder, type FoundCaller, type Sight } from '../../metadata/workloads/caller-finder.ts';
import type { ListPace } from '../../metadata/workloads/shared-list.ts';
import type { Daemon } from '../api/daemon.ts';
import type { HostNetwork } from '../api/read-network.ts';
import type { HostContainer } from '../containers/host-container.ts';
import type { HostContainers } from '../containers/host-containers.ts';
import type { BridgePort, PortReader } from './bridge-port.ts';
import {
  type Answered,
  type CallerLink,
  decideContainer,
  endpointAt,
  needsNamespace,
  networkOf,
} from './decide-container.ts';
import type { FindNeighbour, Neighbour } from './neighbour.ts';
import type { FindNamespace } from './port-namespace.ts';
import { sharedReads } from './shared-reads.ts';

export interface ContainerFinderOptions {
  readonly daemon: Pick<Daemon, 'container' | 'network' | 'networks'>;
  readonly containers: Pick<HostContainers, 'byId' | 'onGone' | 'onChange'>;
  readonly findNeighbour: FindNeighbour;
  readonly ports: PortReader;
  readonly findNamespace: FindNamespace;
  readonly clock: Clock;
  /** Takes the verdict about each connection, for metrics. */
  readonly onVerdict?: (found: FoundContainer) => void;
}

/** `link`: the same port as before; `daemon`: it was asked. */
export type FoundContainer = FoundCaller<'daemon'>;

/** The daemon shows a container before its first packet, so that a later look rarely brings more. */
const LOOK_AGAIN = { firstMs: 75, longestMs: 600 } as const;
/** Rate of looks at one address, and of questions about one network or container, whatever connections do. */
const PACE: ListPace = { burst: 40, everyMs: 50 };

/** Creates the finder of the containers behind connections. */
export function createContainerFinder(options: ContainerFinderOptions): CallerFinder<HostContainer> {
  const { daemon, containers, clock, onVerdict } = options;
  const pins = new Map<string, Pin>();
  containers.onGone((id) => {
    for (const [address, { containerId }] of pins) if (containerId === id) pins.delete(address);
  });
  const looks: Looks = {
    ...options,
    pins,
    findNetwork: networkFinder(daemon, clock),
    readView: sharedReads((id) => daemon.network(id), PACE, clock),
    readContainer: sharedReads((id) => daemon.container(id), PACE, clock),
  };
  const lookAt = sharedReads((address) => lookOnce(looks, address), PACE, clock);
  return createFinder({
    atSameLink: (address) => containerAtSamePort(looks, address),
    look: async ({ address }) => (await lookAt(address)).value,
    crowdOf: (address) => crowdOf(looks, address),
    onChange: containers.onChange,
    lookAgain: LOOK_AGAIN,
    by: 'daemon',
    silence: 'the Docker daemon does not answer',
    clock,
    onVerdict,
  });
}

/**
 * Returns the port of the bridge behind which an address is. Who may send raw packets can take all addresses
 * of its network, and would have all places of those that wait; but it has one port.
 */
async function crowdOf(looks: Looks, address: string): Promise<string> {
  const place = await placeOf(looks, address).catch(() => undefined);
  return place?.port ? `port ${place.port.index}` : address;
}

interface FindNetwork {
  (device: string): Promise<HostNetwork | undefined>;
  /** Lets the next call ask the daemon. */
  readonly forget: () => void;
}

/**
 * Returns a function that finds the network of a bridge. A network keeps its bridge as long as it exists, so
 * the daemon is asked only about a device that is new.
 */
function networkFinder(daemon: Pick<Daemon, 'networks'>, clock: Clock): FindNetwork {
  const read = sharedReads(() => daemon.networks(), PACE, clock);
  let known: readonly HostNetwork[] = [];
  const find = async (device: string) => {
    const network = networkOf(device, known);
    if (network) return network;
    known = (await read('')).value;
    return networkOf(device, known);
  };
  const forget = () => {
    known = [];
  };
  return Object.assign(find, { forget });
}

/** Place at which a container was certain. */
interface Pin {
  readonly containerId: string;
  readonly neighbour: Neighbour;
  readonly port: BridgePort;
}

type Read<T> = (key: string) => Promise<Answered<T>>;

interface Looks extends ContainerFinderOptions {
  readonly pins: Map<string, Pin>;
  readonly findNetwork: FindNetwork;
  readonly readView: Read<Awaited<ReturnType<Daemon['network']>>>;
  readonly readContainer: Read<Awaited<ReturnType<Daemon['container']>>>;
}

/**
 * Returns the container that had the address at the same port of the bridge. The packets of the connection go
 * to this port. Its interface exists as long as the network namespace of the container, and each start of
 * a container makes a new one, with an index that no other had. So the daemon need not be asked.
 */
async function containerAtSamePort(
  { pins, containers, findNeighbour, ports }: Looks,
  address: string,
): Promise<HostContainer | undefined> {
  const pin = pins.get(address);
  const neighbour = pin && (await findNeighbour(address).catch(() => undefined));
  if (!neighbour || !isSame(neighbour, pin.neighbour)) return undefined;
  const isThere = ports.isBehind(pin.port, neighbour.device, neighbour.mac);
  return isThere ? containers.byId(pin.containerId) : undefined;
}

/** Looks once, for all connections of an address that were accepted before. */
async function lookOnce(looks: Looks, address: string): Promise<Sight<HostContainer>> {
  const acceptedAtMs = looks.clock.monotonicMs();
  const place = await placeOf(looks, address);
  if (!place) return again('the kernel of the host knows no link of the address');
  const network = await looks.findNetwork(place.device);
  if (!network) {
    return {
      kind: 'stranger',
      reason: `device ${place.device} is not the bridge of a network of the daemon`,
    };
  }
  const view = await looks.readView(network.id);
  if (!view.value) looks.findNetwork.forget();
  const containerId = endpointAt(address, view.value)?.containerId;
  const container =
    containerId === undefined ? { ...view, value: undefined } : await looks.readContainer(containerId);
  const interfaces = container.value && looks.ports.interfacesOf(container.value);
  // Before the port is read again: if it is still there, so is the namespace that was found.
  const namespace = await namespaceBehind(looks, place.port, container.value);
  // Who claims the place of another one must not do so for a moment only.
  const link = await placeOf(looks, address);
  if (!link || !isSame(link, place) || link.port?.index !== place.port?.index) {
    return again('the link of the address is changing');
  }
  const verdict = decideContainer({
    address,
    acceptedAtMs,
    link,
    network,
    view,
    container,
    interfaces,
    namespace,
  });
  if (verdict.kind === 'again') return verdict;
  const { container: workload } = verdict;
  if (link.port) looks.pins.set(address, { containerId: workload.id, neighbour: link, port: link.port });
  return { kind: 'workload', workload };
}

async function namespaceBehind(
  { findNamespace }: Looks,
  port: BridgePort | undefined,
  container: HostContainer | undefined,
): Promise<string | undefined> {
  return port && container && needsNamespace(port, container) ? findNamespace(port) : undefined;
}

async function placeOf({ findNeighbour, ports }: Looks, address: string): Promise<CallerLink | undefined> {
  const neighbour = await findNeighbour(address);
  return neighbour && { ...neighbour, port: ports.portOf(neighbour.device, neighbour.mac) };
}

function again(reason: string): Sight<never> {
  return { kind: 'again', reason };
}

function isSame(one: Neighbour, other: Neighbour): boolean {
  return one.device === other.device && one.mac === other.mac;
}
