/** A container as the daemon describes it. Whoever may use the daemon's socket decides about all of it. */
export interface HostContainer {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** Without the `/` before it; `docker rename` changes it. */
  readonly name: string;
  /** As it was given to `docker run`. */
  readonly image: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Variables of the container and of its image. */
  readonly environment: ReadonlyMap<string, string>;
  /** True while it has processes, also if these are paused. */
  readonly isRunning: boolean;
  /** Process ID of its first process, as the daemon sees it; 0 if it has none. */
  readonly pid: number;
  /** `bridge`, `host`, `none`, `container:ID`, the name of a network. */
  readonly networkMode: string;
  /** File of its network namespace: `/run/netns/netns-8a5c…`; empty if the daemon names none. */
  readonly networkNamespace: string;
  readonly endpoints: readonly NetworkEndpoint[];
}

/** Place of a container in a network. A container gets a new endpoint each time that it starts. */
export interface NetworkEndpoint {
  readonly networkId: string;
  readonly networkName: string;
  readonly endpointId: string;
  /** In the form of `normalizeAddress`. */
  readonly addresses: readonly string[];
  /** Link address in lower case; empty if the daemon names none. */
  readonly mac: string;
}
