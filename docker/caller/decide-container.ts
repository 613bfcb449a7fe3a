import { basename, dirname } from 'node:path';
import type { HostNetwork, NetworkView, ViewedEndpoint } from '../api/read-network.ts';
import type { HostContainer, NetworkEndpoint } from '../containers/host-container.ts';
import type { BridgePort } from './bridge-port.ts';

/** Something that the daemon has answered, and when it was asked, by the monotonic clock. */
export interface Answered<T> {
  readonly begunAtMs: number;
  readonly value: T;
}

/** Place to which the kernel sends the packets of a connection. */
export interface CallerLink {
  /** Bridge to which the caller is connected. */
  readonly device: string;
  readonly mac: string;
  /** Port of the bridge behind which the MAC is; undefined if that is not known. */
  readonly port: BridgePort | undefined;
}

/** Everything that is known about a connection. */
export interface Evidence {
  readonly address: string;
  /** Time at which the connection was accepted, by the monotonic clock. */
  readonly acceptedAtMs: number;
  readonly link: CallerLink;
  /** Network whose bridge is the device of the link. */
  readonly network: HostNetwork;
  /** Undefined if the network does not exist any more. */
  readonly view: Answered<NetworkView | undefined>;
  /** Container of the endpoint that has the address; undefined if it does not exist any more. */
  readonly container: Answered<HostContainer | undefined>;
  /** Indexes of the interfaces in the container's network namespace; undefined if they cannot be read. */
  readonly interfaces: readonly number[] | undefined;
  /** Name in /run/netns of the network namespace behind the port, if the container needs this witness. */
  readonly namespace: string | undefined;
}

/** `again`: looking again a moment later can help. */
export type Verdict =
  | { readonly kind: 'container'; readonly container: HostContainer }
  | { readonly kind: 'again'; readonly reason: string };

/** Returns the network that a bridge belongs to; undefined if it belongs to none, or to two. */
export function networkOf(device: string, networks: readonly HostNetwork[]): HostNetwork | undefined {
  const [network, another] = device === '' ? [] : networks.filter(({ bridge }) => bridge === device);
  return another ? undefined : network;
}

/** Returns the endpoint that has an address; undefined if there is none, or two. */
export function endpointAt(address: string, view: NetworkView | undefined): ViewedEndpoint | undefined {
  const [endpoint, another] = view?.endpoints.filter(({ addresses }) => addresses.includes(address)) ?? [];
  return another ? undefined : endpoint;
}

/**
 * Decides which container is behind a connection. A container is certain if all of this holds:
 *
 * - After the connection was accepted, the daemon has shown the address at an endpoint of this container, in
 *   the network whose bridge the caller is connected to.
 * - After the connection was accepted, the daemon has shown that the container runs, and is at that endpoint.
 *   So it had the address at that moment. If somebody else had it before, he is gone, and his connection with
 *   him: the kernel of the newer owner resets it.
 * - The kernel sends the packets of the connection to the MAC of that endpoint, and the bridge forwards them
 *   to the port of an interface of this container. So another container that claims the address, or the
 *   address and the MAC, is not taken for it. If the index of the interface does not say whose it is, the
 *   name of its network namespace does: the daemon names the file, and the kernel compares the namespaces.
 *
 * Why these views (measured, Docker 20.10.24, on a busy host, with four addresses that change hands):
 *
 * - `/networks/ID` shows the endpoints of the driver. It showed an address before the first packet of its
 *   container each time (by a second or more), and let it go before another container got it. In 607
 *   connections of 250 containers it was right each time.
 * - `/containers/ID/json` waits until a start or an end is complete. It never showed a former owner.
 * - `/containers/json` is a copy. It did not show the caller in 70 of the 607 connections: up to 38 ms after
 *   its first packet. It showed a dead container 22 to 74 ms after its address was free. It is not used here.
 *
 * Podman 4.3 shows address and MAC in the same places. A container that has ended stays there, without
 * address.
 *
 * Limit: who may send raw packets (capability NET_RAW, which Docker gives by default) and is in the same
 * network can claim address and MAC of another container at some moments and not at others, and guess the
 * moments at which this looks. Containers that must not get each other's role belong into different networks,
 * or go without NET_RAW.
 */
export function decideContainer(evidence: Evidence): Verdict {
  const reason = whyNot(evidence);
  const { value: container } = evidence.container;
  if (reason === undefined && container) return { kind: 'container', container };
  return { kind: 'again', reason: reason ?? 'the container does not exist any more' };
}

function whyNot(evidence: Evidence): string | undefined {
  const { address, acceptedAtMs, link, network, view, container, interfaces, namespace } = evidence;
  if (view.begunAtMs < acceptedAtMs || container.begunAtMs < acceptedAtMs) {
    return 'what the daemon has said is older than the connection';
  }
  const shown = endpointAt(address, view.value);
  if (!shown) return `no container of network ${network.name} has the address`;
  if (shown.containerId === undefined) return 'the container of the address has not started yet';
  const { value: found } = container;
  if (!found || found.id !== shown.containerId) return 'the container of the address does not exist any more';
  if (!found.isRunning) return `container ${found.name} does not run`;
  const own = found.endpoints.find((endpoint) => isSameEndpoint(endpoint, shown, network));
  if (!own?.addresses.includes(address)) return `container ${found.name} has left the address`;
  if (own.mac === '' || own.mac !== shown.mac) return `the MAC of container ${found.name} is not certain`;
  if (link.mac !== own.mac) return `the MAC of the address is not that of container ${found.name}`;
  return whyNotAtPort(link.port, found, interfaces) ?? whyNotInNamespace(link.port, found, namespace);
}

function isSameEndpoint(own: NetworkEndpoint, shown: ViewedEndpoint, { id, name }: HostNetwork): boolean {
  // Podman names no endpoints, and networks by their names, which are unique there.
  if (shown.endpointId === '') return own.networkId === id || own.networkName === name;
  return own.endpointId === shown.endpointId && own.networkId === id;
}

function whyNotAtPort(
  port: BridgePort | undefined,
  { name, pid }: HostContainer,
  interfaces: readonly number[] | undefined,
): string | undefined {
  if (!interfaces) {
    return `podrole cannot see process ${pid} of container ${name}: run podrole in the PID namespace of the host`;
  }
  if (!port) return `the port of the bridge is not known at which container ${name} is`;
  return interfaces.includes(port.peerIndex) ? undefined : fromAnotherPort(name);
}

/**
 * Returns true if the index of an interface does not say in which container it is. The indexes of Podman
 * never do, also if one looks unique now: the interface of another container that has this index may be in
 * a macvlan network, where it has no end on the host.
 */
export function needsNamespace(
  port: BridgePort | undefined,
  { networkNamespace }: Pick<HostContainer, 'networkNamespace'>,
): boolean {
  return port !== undefined && (port.isAmbiguous || NAMED_BY_IP.has(dirname(networkNamespace)));
}

/** Folders in which `ip` of iproute2 looks for the names of network namespaces. */
const NAMED_BY_IP: ReadonlySet<string> = new Set(['/run/netns', '/var/run/netns']);

function whyNotInNamespace(
  port: BridgePort | undefined,
  container: HostContainer,
  namespace: string | undefined,
): string | undefined {
  if (!needsNamespace(port, container)) return undefined;
  const { name, networkNamespace: own } = container;
  if (own === '') {
    return `${ALIKE}: the daemon does not name the network namespace of container ${name}; start it again`;
  }
  if (namespace === undefined) {
    return `${ALIKE}: podrole does not see the network namespace of container ${name}; ${remedyFor(dirname(own))}`;
  }
  return namespace === basename(own) ? undefined : fromAnotherPort(name);
}

const ALIKE = 'two ports of the bridge cannot be told apart';

function remedyFor(folder: string): string {
  if (!NAMED_BY_IP.has(folder)) return `mount ${folder} of the host at /run/netns, where podrole runs`;
  return `run podrole on the host, or mount ${folder} of the host at /run/netns of its container`;
}

function fromAnotherPort(name: string): string {
  return `the address comes from another port of the bridge than that of container ${name}`;
}
