import { z } from 'zod';
import { parseOrExplain, readAddresses } from './read-container.ts';

/** A network of the host. */
export interface HostNetwork {
  readonly id: string;
  readonly name: string;
  /** `bridge`, `macvlan`, `overlay` */
  readonly driver: string;
  /** Device of the host to which its containers are connected; empty if the driver makes no bridge. */
  readonly bridge: string;
}

/** Endpoints of a network at one moment. */
export interface NetworkView {
  readonly id: string;
  readonly endpoints: readonly ViewedEndpoint[];
}

export interface ViewedEndpoint {
  /** Empty if the daemon names none: Podman. */
  readonly endpointId: string;
  /** Undefined until its container joins, and for a gateway between hosts. */
  readonly containerId: string | undefined;
  /** In the form of `normalizeAddress`. */
  readonly addresses: readonly string[];
  /** Link address in lower case; empty if the daemon names none. */
  readonly mac: string;
}

const network = z.object({
  Id: z.string(),
  Name: z.string(),
  Driver: z.string(),
  Options: z.record(z.string(), z.string()).nullish(),
});

/**
 * Reads the answer to `/networks`.
 * @throws Error
 */
export function readNetworks(body: unknown): readonly HostNetwork[] {
  return parseOrExplain(z.array(network), body).map(({ Id, Name, Driver, Options }) => ({
    id: Id,
    name: Name,
    driver: Driver,
    bridge: Driver === 'bridge' ? (Options?.[BRIDGE_OPTION] ?? `br-${Id.slice(0, 12)}`) : '',
  }));
}

/** Name of the bridge. The default network always has it. [docker] */
const BRIDGE_OPTION = 'com.docker.network.bridge.name';

const libpodNetwork = z.object({
  id: z.string(),
  name: z.string(),
  driver: z.string(),
  network_interface: z.string().nullish(),
});

/**
 * Reads the answer to `/libpod/networks/json`: the answer to `/networks` does not name the bridges, and calls
 * the default network by another name than containers do.
 * @throws Error
 */
export function readPodmanNetworks(body: unknown): readonly HostNetwork[] {
  return parseOrExplain(z.array(libpodNetwork), body).map((network) => ({
    id: network.id,
    name: network.name,
    driver: network.driver,
    bridge: network.driver === 'bridge' ? (network.network_interface ?? '') : '',
  }));
}

const view = z.object({
  Id: z.string(),
  Containers: z
    .record(
      z.string(),
      z.object({
        EndpointID: z.string(),
        MacAddress: z.string(),
        IPv4Address: z.string(),
        IPv6Address: z.string(),
      }),
    )
    .nullish(),
});

/**
 * Reads the answer to `/networks/ID`.
 * @throws Error
 */
export function readView(body: unknown): NetworkView {
  const { Id, Containers } = parseOrExplain(view, body);
  return {
    id: Id,
    endpoints: Object.entries(Containers ?? {}).map(([key, endpoint]) => ({
      endpointId: endpoint.EndpointID,
      containerId: CONTAINER_ID.test(key) ? key : undefined,
      addresses: readAddresses(endpoint.IPv4Address, endpoint.IPv6Address),
      mac: endpoint.MacAddress.toLowerCase(),
    })),
  };
}

/** Others are `ep-ID`, for an endpoint without a container, and names of gateways. */
const CONTAINER_ID = /^[\da-f]{64}$/;
