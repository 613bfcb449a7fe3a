import { type Clock, pause } from '../../lib/clock.ts';
import { redactSecrets } from '../../lib/text/redact.ts';
import type { Caller, CallerFinder, Connection } from '../../metadata/workloads/caller.ts';
import type { ListPace } from '../../metadata/workloads/shared-list.ts';
import { boundWaiters } from '../../metadata/workloads/waiters.ts';
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
  type Verdict,
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

export interface FoundContainer {
  readonly kind: Caller<HostContainer>['kind'];
  /** `link`: the same port as before; `daemon`: it was asked; `crowded`: too many connections waited. */
  readonly by: 'link' | 'daemon' | 'crowded';
  /** Time since the connection was accepted. */
  readonly waitedMs: number;
}

/** SDKs give up after one to five seconds. */
const PATIENCE_MS = 2_500;
/** Time until the next look if the daemon reports nothing before. */
const LOOK_AGAIN_MS = 75;
/** Rate at which the daemon is asked about one network or container, whatever connections do. */
const PACE: ListPace = { burst: 40, everyMs: 50 };

/** Creates the finder of the containers behind connections. */
export function createContainerFinder(options: ContainerFinderOptions): CallerFinder<HostContainer> {
  const { daemon, containers, clock, onVerdict = () => {} } = options;
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
  const enter = boundWaiters();
  return {
    find: async (connection, signal) => {
      const [by, caller] = await find(looks, enter, connection, signal);
      onVerdict({ kind: caller.kind, by, waitedMs: clock.monotonicMs() - connection.acceptedAtMs });
      return caller;
    },
  };
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

async function find(
  looks: Looks,
  enter: ReturnType<typeof boundWaiters>,
  connection: Connection,
  signal: AbortSignal,
): Promise<readonly [FoundContainer['by'], Caller<HostContainer>]> {
  const workload = await containerAtSamePort(looks, connection.address);
  if (workload) return ['link', { kind: 'workload', workload }];
  const leave = enter(connection.address);
  if (!leave) return ['crowded', { kind: 'unclear', reason: 'too many connections wait for an answer' }];
  try {
    return ['daemon', await lookUntilCertain(looks, connection, signal)];
  } finally {
    leave();
  }
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

async function lookUntilCertain(
  looks: Looks,
  connection: Connection,
  signal: AbortSignal,
): Promise<Caller<HostContainer>> {
  const { clock } = looks;
  const untilMs = connection.acceptedAtMs + PATIENCE_MS;
  let reason = 'the Docker daemon does not answer';
  for (let leftMs = PATIENCE_MS; leftMs > 0 && !signal.aborted; leftMs = untilMs - clock.monotonicMs()) {
    const news = new AbortController();
    const deafen = looks.containers.onChange(() => news.abort());
    try {
      const verdict = await inTime(clock, leftMs, signal, look(looks, connection));
      if (verdict?.kind === 'container') return { kind: 'workload', workload: verdict.container };
      if (verdict?.kind === 'stranger') return verdict;
      if (verdict) reason = verdict.reason;
      const pauseMs = Math.max(0, Math.min(LOOK_AGAIN_MS, untilMs - clock.monotonicMs()));
      await pause(clock, pauseMs, AbortSignal.any([news.signal, signal]));
    } finally {
      deafen();
    }
  }
  return { kind: 'unclear', reason: signal.aborted ? 'the connection was closed' : reason };
}

type Sight = Verdict | { readonly kind: 'stranger'; readonly reason: string };

async function look(looks: Looks, connection: Connection): Promise<Sight> {
  try {
    return await lookOnce(looks, connection);
  } catch (thrown) {
    return again(redactSecrets(thrown instanceof Error ? thrown.message : String(thrown)));
  }
}

async function lookOnce(looks: Looks, { address, acceptedAtMs }: Connection): Promise<Sight> {
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
  if (verdict.kind === 'container' && link.port) {
    looks.pins.set(address, { containerId: verdict.container.id, neighbour: link, port: link.port });
  }
  return verdict;
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

function again(reason: string): Verdict {
  return { kind: 'again', reason };
}

function isSame(one: Neighbour, other: Neighbour): boolean {
  return one.device === other.device && one.mac === other.mac;
}

/** Resolves to undefined if the time is over before. */
async function inTime<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  result: Promise<T>,
): Promise<T | undefined> {
  const done = new AbortController();
  const over = pause(clock, ms, AbortSignal.any([done.signal, signal])).then(() => undefined);
  try {
    return await Promise.race([result, over]);
  } finally {
    done.abort();
  }
}
