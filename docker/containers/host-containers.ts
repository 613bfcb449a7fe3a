import { type Backoff, backoffMs } from '../../lib/backoff.ts';
import { type Clock, pause } from '../../lib/clock.ts';
import { inLanes } from '../../lib/in-lanes.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/surroundings.ts';
import type { Daemon } from '../api/daemon.ts';
import type { DaemonEvent } from '../api/read-events.ts';
import type { HostContainer } from './host-container.ts';

/** Containers that run on this host, as the events of the daemon tell. They may be late by a moment. */
export interface HostContainers {
  containers(): Iterable<HostContainer>;
  byId(id: string): HostContainer | undefined;
  /** Takes the ID of each container that has ended, also if it starts again at once. */
  onGone(callback: (id: string) => void): void;
  /** Calls back when something has happened to a container. Returns a function that ends this. */
  onChange(callback: () => void): () => void;
  /** True once all containers are known. */
  readonly isSynced: boolean;
  /** True while the daemon sends events. Without them, the containers are those from before. */
  readonly isFollowing: boolean;
  /** Milliseconds since the daemon has said something last; undefined before the first time. */
  readonly newsAgeMs: number | undefined;
  close(): Promise<void>;
}

export interface HostContainersOptions {
  readonly daemon: Pick<Daemon, 'container' | 'runningIds' | 'events' | 'ping'>;
  readonly clock: Clock;
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
/** Containers that are read at a time after a start of podrole or of the daemon. */
const LANES = 4;

/** Begins to follow the containers of the host. It never ends by itself. */
export function openHostContainers(options: HostContainersOptions): HostContainers {
  const { daemon, clock, random, logger, timing = TIMING } = options;
  const stopping = new AbortController();
  const known = new Map<string, HostContainer>();
  const whenGone: ((id: string) => void)[] = [];
  const whenChanged = new Set<() => void>();
  let isSynced = false;
  let isFollowing = false;
  let lastNewsMs: number | undefined;

  const news = () => {
    lastNewsMs = clock.monotonicMs();
  };
  const changed = () => {
    for (const callback of [...whenChanged]) callback();
  };
  const forget = (id: string) => {
    if (!known.delete(id)) return;
    for (const callback of whenGone) callback(id);
  };
  const read = async (id: string, signal: AbortSignal) => {
    const container = await daemon.container(id, signal);
    news();
    if (container?.isRunning) known.set(id, container);
    else forget(id);
  };

  async function list(signal: AbortSignal): Promise<void> {
    const ids = await daemon.runningIds(signal);
    const running = new Set(ids);
    for (const id of [...known.keys()]) if (!running.has(id)) forget(id);
    await inLanes(ids, LANES, (id) => read(id, signal));
    isSynced = true;
    logger.info({ containers: known.size }, 'containers listed');
    changed();
  }

  async function obey({ action, containerId }: DaemonEvent, signal: AbortSignal): Promise<void> {
    news();
    if (ENDS.has(action)) forget(containerId);
    else await read(containerId, signal);
    changed();
  }

  /** Follows events until they end or break, or the daemon falls silent. */
  async function follow(): Promise<void> {
    const silent = new AbortController();
    const signal = AbortSignal.any([stopping.signal, silent.signal]);
    try {
      // Events first: what happens during the list is not missed.
      const events = await daemon.events(signal);
      await list(signal);
      isFollowing = true;
      void pingWhile(signal).catch((thrown) => silent.abort(thrown));
      for await (const event of events) await obey(event, signal);
    } finally {
      isFollowing = false;
      silent.abort();
    }
  }

  async function pingWhile(signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(clock, timing.pingEveryMs, signal);
      if (signal.aborted) return;
      await daemon.ping();
      news();
    }
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const syncedBefore = lastNewsMs;
      try {
        await follow();
        if (!stopping.signal.aborted) logger.warn('the Docker daemon has ended its events; following again');
      } catch (thrown) {
        if (stopping.signal.aborted) return;
        logger.warn({ err: thrown }, 'the events of the Docker daemon broke off; following again');
      }
      failures = lastNewsMs === syncedBefore ? failures + 1 : 1;
      await pause(clock, backoffMs(timing.backoff, failures, random()), stopping.signal);
    }
  }

  const running = run();
  return {
    containers: () => known.values(),
    byId: (id) => known.get(id),
    onGone: (callback) => void whenGone.push(callback),
    onChange: (callback) => {
      whenChanged.add(callback);
      return () => void whenChanged.delete(callback);
    },
    get isSynced() {
      return isSynced;
    },
    get isFollowing() {
      return isFollowing;
    },
    get newsAgeMs() {
      return lastNewsMs === undefined ? undefined : clock.monotonicMs() - lastNewsMs;
    },
    close: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** Events after which a container has no process. A restart is `die` and `start`. */
const ENDS: ReadonlySet<string> = new Set(['die', 'destroy']);
