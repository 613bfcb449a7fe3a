import { type Backoff, backoffMs } from '../../lib/backoff.ts';
import { type Clock, pause } from '../../lib/clock.ts';
import { inLanes } from '../../lib/in-lanes.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/surroundings.ts';
import { type ContainerEvent, ENDS } from './container-event.ts';
import type { HostContainer } from './host-container.ts';

/** Containers that run on this host, by the events of the daemon. They may be late by a moment. */
export interface HostContainers {
  containers(): Iterable<HostContainer>;
  byId(id: string): HostContainer | undefined;
  /** Calls back with the ID of each container that has ended, also of one that starts again at once. */
  onGone(callback: (id: string) => void): void;
  /** Calls back when something has happened to a container. Returns a function that ends this. */
  onChange(callback: () => void): () => void;
  /** True once the daemon has listed the containers. */
  readonly isSynced: boolean;
  /** True while the daemon sends events. Without them, the containers are those from before. */
  readonly isFollowing: boolean;
  /** Milliseconds since the daemon has answered or sent an event; undefined before the first time. */
  readonly newsAgeMs: number | undefined;
  close(): Promise<void>;
}

/** Questions to the daemon. All of them reject if the daemon does not answer. */
export interface ContainerSource {
  /** Returns a container, also one that has ended; undefined if there is none. */
  container(id: string, signal?: AbortSignal): Promise<HostContainer | undefined>;
  /** Returns the IDs of the containers that run. */
  runningIds(signal?: AbortSignal): Promise<readonly string[]>;
  /** Follows the events that happen after this call has returned. */
  events(signal: AbortSignal): Promise<AsyncIterable<ContainerEvent>>;
  ping(): Promise<void>;
}

export interface HostContainersOptions {
  readonly daemon: ContainerSource;
  readonly clock: Clock;
  /** For the jitter of the backoff. */
  readonly random: Random;
  readonly logger: Logger;
  readonly timing?: FollowTiming;
}

export interface FollowTiming {
  /** Time between two checks that the daemon answers: on a quiet host, there are no events for hours. */
  readonly pingEveryMs: number;
  readonly backoff: Backoff;
}

const TIMING: FollowTiming = { pingEveryMs: 10_000, backoff: { firstMs: 100, longestMs: 5_000 } };

/**
 * Containers of a list that are read at a time. With 2,000 at once, most questions would wait for longer than
 * an answer may take, and so would those about a container that asks for its role.
 */
const READ_LANES = 16;

/** Begins to follow the containers of the host. It never ends by itself. */
export function openHostContainers(options: HostContainersOptions): HostContainers {
  const { clock, random, logger, timing = TIMING } = options;
  const stopping = new AbortController();
  const following = new Following(options, timing, stopping.signal);

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      let err: unknown;
      const hadNewsMs = following.lastNewsMs;
      try {
        await following.follow();
      } catch (thrown) {
        err = thrown;
      }
      if (stopping.signal.aborted) return;
      failures = following.lastNewsMs === hadNewsMs ? failures + 1 : 1;
      logger.warn({ err }, 'the events of the Docker daemon have ended; following again');
      await pause(clock, backoffMs(timing.backoff, failures, random()), stopping.signal);
    }
  }

  const running = run();
  return {
    containers: () => following.known.values(),
    byId: (id) => following.known.get(id),
    onGone: (callback) => void following.whenGone.push(callback),
    onChange: (callback) => {
      following.whenChanged.add(callback);
      return () => void following.whenChanged.delete(callback);
    },
    get isSynced() {
      return following.isSynced;
    },
    get isFollowing() {
      return following.isOpen;
    },
    get newsAgeMs() {
      const { lastNewsMs } = following;
      return lastNewsMs === undefined ? undefined : clock.monotonicMs() - lastNewsMs;
    },
    close: async () => {
      stopping.abort();
      await running;
    },
  };
}

class Following {
  readonly known = new Map<string, HostContainer>();
  readonly whenGone: ((id: string) => void)[] = [];
  readonly whenChanged = new Set<() => void>();
  isSynced = false;
  isOpen = false;
  lastNewsMs: number | undefined;
  /** Containers that are being read, each with the controller that ends the reading. */
  readonly #reading = new Map<string, AbortController>();
  readonly #options: HostContainersOptions;
  readonly #timing: FollowTiming;
  readonly #stopping: AbortSignal;

  constructor(options: HostContainersOptions, timing: FollowTiming, stopping: AbortSignal) {
    this.#options = options;
    this.#timing = timing;
    this.#stopping = stopping;
  }

  /** Follows events until they end or break off, or the daemon falls silent. */
  async follow(): Promise<void> {
    const { daemon } = this.#options;
    const ended = new AbortController();
    const signal = AbortSignal.any([this.#stopping, ended.signal]);
    try {
      // Events first: what happens during the list is not missed.
      const events = await daemon.events(signal);
      await this.#list(signal);
      this.isOpen = true;
      void this.#ping(signal).catch((thrown) => ended.abort(thrown));
      for await (const event of events) this.#obey(event, signal);
    } finally {
      this.isOpen = false;
      ended.abort();
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const ids = new Set(await this.#options.daemon.runningIds(signal));
    this.#hasNews();
    for (const id of [...this.known.keys()]) if (!ids.has(id)) this.#forget(id);
    void inLanes([...ids], READ_LANES, (id) => this.#read(id, signal));
    this.#options.logger.info({ containers: ids.size }, 'containers listed');
    this.isSynced = true;
    this.#hasChanged();
  }

  #obey({ action, containerId }: ContainerEvent, signal: AbortSignal): void {
    this.#hasNews();
    if (ENDS.has(action)) this.#forget(containerId);
    else void this.#read(containerId, signal);
    this.#hasChanged();
  }

  /**
   * Reads a container in the background, until the daemon answers, or something else happens to it. Resolves
   * after the first question: a container that cannot be read must not delay the others.
   */
  #read(id: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    this.#reading.get(id)?.abort();
    const done = new AbortController();
    this.#reading.set(id, done);
    const { promise: tried, resolve: hasTried } = Promise.withResolvers<void>();
    void this.#readUntilKnown(id, AbortSignal.any([signal, done.signal]), hasTried).finally(() => {
      hasTried();
      if (this.#reading.get(id) === done) this.#reading.delete(id);
    });
    return tried;
  }

  async #readUntilKnown(id: string, signal: AbortSignal, hasTried: () => void): Promise<void> {
    const { daemon, clock, random, logger } = this.#options;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        const container = await daemon.container(id, signal);
        if (signal.aborted) return;
        this.#hasNews();
        if (container?.isRunning) this.known.set(id, container);
        else this.#forget(id);
        this.#hasChanged();
        return;
      } catch (thrown) {
        if (signal.aborted) return;
        hasTried();
        logger.debug({ container: id, err: thrown }, 'container cannot be read; trying again');
        await pause(clock, backoffMs(this.#timing.backoff, failures, random()), signal);
      }
    }
  }

  async #ping(signal: AbortSignal): Promise<void> {
    const { daemon, clock } = this.#options;
    for (;;) {
      await pause(clock, this.#timing.pingEveryMs, signal);
      if (signal.aborted) return;
      await daemon.ping();
      this.#hasNews();
    }
  }

  #hasNews(): void {
    this.lastNewsMs = this.#options.clock.monotonicMs();
  }

  #hasChanged(): void {
    for (const callback of [...this.whenChanged]) callback();
  }

  #forget(id: string): void {
    this.#reading.get(id)?.abort();
    this.#reading.delete(id);
    if (!this.known.delete(id)) return;
    for (const callback of this.whenGone) callback(id);
  }
}
