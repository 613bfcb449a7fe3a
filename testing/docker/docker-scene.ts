import type { NetworkView } from '../../docker/api/read-network.ts';
import type { BridgePort, PortReader } from '../../docker/caller/bridge-port.ts';
import { createContainerFinder } from '../../docker/caller/find-container.ts';
import type { Neighbour } from '../../docker/caller/neighbour.ts';
import type { HostContainer } from '../../docker/containers/host-container.ts';
import type { Caller, CallerFinder } from '../../metadata/workloads/caller.ts';
import type { VirtualTime } from '../virtual-time.ts';
import { type DockerWorld, NETWORK, type RealContainer } from './docker-world.ts';

/** Changes what the finder sees, to show that it needs each witness. */
export interface Sight {
  readonly view?: (view: NetworkView, before: NetworkView) => NetworkView;
  readonly container?: (
    now: HostContainer | undefined,
    before: HostContainer | undefined,
  ) => HostContainer | undefined;
  readonly neighbour?: (neighbour: Neighbour, address: string, world: DockerWorld) => Neighbour;
  readonly ports?: (ports: PortReader, world: DockerWorld) => PortReader;
  readonly namespace?: (name: string | undefined, port: BridgePort, world: DockerWorld) => string | undefined;
}

/** The finder on a Docker host of which everything is known. */
export class DockerScene {
  readonly #time: VirtualTime;
  readonly #world: DockerWorld;
  readonly #finder: CallerFinder<HostContainer>;
  readonly #gone: ((id: string) => void)[] = [];
  readonly #changed = new Set<() => void>();
  readonly #asked: Promise<unknown>[] = [];
  /** State from before the last thing happened, for a daemon whose views are late. */
  #before: {
    readonly view: NetworkView;
    readonly containers: ReadonlyMap<string, HostContainer | undefined>;
  };
  /** Time that the daemon needs for an answer; `down`: it does not answer. */
  daemon: number | 'down' = 4;
  /** Number of questions to the daemon. */
  questions = 0;
  /** Number of questions for the network namespace behind a port. */
  namespaces = 0;
  readonly wrong: string[] = [];
  readonly verdicts = { workload: 0, unclear: 0, stranger: 0 };

  constructor(time: VirtualTime, world: DockerWorld, sight: Sight = {}) {
    this.#time = time;
    this.#world = world;
    this.#before = this.#state();
    const clock = time.clock();
    const { view = same, container = same, neighbour = same, ports = same, namespace = same } = sight;
    this.#finder = createContainerFinder({
      daemon: {
        networks: () => this.#answer(() => [NETWORK]),
        network: () => this.#answer(() => view(world.view(), this.#before.view)),
        container: (id) => this.#answer(() => container(world.inspect(id), this.#before.containers.get(id))),
      },
      containers: {
        byId: (id) => world.known.find((each) => each.id === id),
        onGone: (callback) => void this.#gone.push(callback),
        onChange: (callback) => {
          this.#changed.add(callback);
          return () => void this.#changed.delete(callback);
        },
      },
      findNeighbour: async (address) => {
        const real = world.neighbours.get(address);
        return real && neighbour(real, address, world);
      },
      ports: ports(portsOf(world), world),
      findNamespace: async (port) => {
        this.namespaces += 1;
        return namespace(world.namespaceBehind(port), port, world);
      },
      clock,
    });
  }

  pass(ms: number): Promise<void> {
    return this.#time.pass(ms);
  }

  /** Something happens on the host. A daemon whose views are late still shows the state from before. */
  happens(change: () => void): void {
    this.#before = this.#state();
    change();
  }

  /** The daemon sends the events of what has happened. */
  deliver(): void {
    const ids = new Set(this.#world.running().map(({ id }) => id));
    for (const { id } of this.#world.known) if (!ids.has(id)) for (const gone of this.#gone) gone(id);
    this.#world.known = this.#world.running();
    for (const callback of [...this.#changed]) callback();
  }

  /**
   * A container connects, with its own address or that of another one. The answer is compared with the truth.
   */
  ask(asks: RealContainer, address = asks.life?.address ?? ''): Promise<Caller<HostContainer>> {
    const { life } = asks;
    const connection = { address, acceptedAtMs: this.#time.clock().monotonicMs() };
    const found = this.#finder.find(connection, new AbortController().signal);
    this.#asked.push(
      found.then((caller) => {
        this.verdicts[caller.kind] += 1;
        // A connection ends with the network namespace of its container: nobody reads the answer.
        if (caller.kind !== 'workload' || asks.life !== life) return;
        if (caller.workload.id !== asks.id) this.wrong.push(`${asks.id} was taken for ${caller.workload.id}`);
      }),
    );
    return found;
  }

  async allAnswered(): Promise<void> {
    await this.pass(10_000);
    await Promise.all(this.#asked);
  }

  /** An answer shows one moment between the question and its arrival. */
  async #answer<T>(read: () => T): Promise<T> {
    this.questions += 1;
    const ms = this.daemon;
    if (ms === 'down') throw new Error('no answer');
    await this.#wait(ms / 2);
    const answer = read();
    await this.#wait(ms / 2);
    return answer;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#time.clock().after(ms, resolve));
  }

  #state() {
    const { containers } = this.#world;
    return {
      view: this.#world.view(),
      containers: new Map(containers.map(({ id }) => [id, this.#world.inspect(id)])),
    };
  }
}

function same<T>(value: T): T {
  return value;
}

function portsOf(world: DockerWorld): PortReader {
  return {
    portOf: (_, mac) => world.portOf(mac),
    isBehind: ({ index }, _, mac) => world.ports.get(mac)?.index === index,
    interfacesOf: ({ id, pid }) => {
      const life = world.containers.find((each) => each.id === id)?.life;
      return life?.pid === pid ? [1, life.port.peerIndex] : undefined;
    },
  };
}
