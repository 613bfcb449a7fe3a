import { z } from 'zod';
import { type ContainerEvent, ENDS } from '../containers/container-event.ts';
import type { HostContainer } from '../containers/host-container.ts';
import type { DaemonClient } from './daemon-client.ts';
import { parseOrExplain, readContainer } from './read-container.ts';
import { readEvents } from './read-events.ts';
import {
  type HostNetwork,
  type NetworkView,
  readNetworks,
  readPodmanNetworks,
  readView,
} from './read-network.ts';

/**
 * The daemon, as far as podrole needs it: nothing is changed. Each answer shows what is true at a moment
 * between the call and the answer. All of them throw PodroleError `DOCKER_UNREACHABLE` or `DOCKER_REFUSED`.
 */
export interface Daemon {
  /**
   * Returns a container, also one that has ended; undefined if there is none. Docker answers only when a
   * start or an end that is in progress is complete.
   */
  container(id: string, signal?: AbortSignal): Promise<HostContainer | undefined>;
  /** Returns all networks, without their endpoints. */
  networks(signal?: AbortSignal): Promise<readonly HostNetwork[]>;
  /** Returns the endpoints of a network; undefined if there is no such network. */
  network(id: string, signal?: AbortSignal): Promise<NetworkView | undefined>;
  /** Returns the IDs of the containers that run. This view can be late by a moment. */
  runningIds(signal?: AbortSignal): Promise<readonly string[]>;
  /** Follows the events of containers and networks that happen after this call has returned. */
  events(signal: AbortSignal): Promise<AsyncIterable<ContainerEvent>>;
  /** Checks that the daemon answers. */
  ping(): Promise<void>;
}

/** Creates the view of a daemon. */
export function createDaemon(client: DaemonClient): Daemon {
  return {
    container: async (id, signal) => {
      const answer = await client.get(`/containers/${encodeURIComponent(id)}/json`, { signal });
      return answer && client.check(answer, readContainer);
    },
    networks: async (signal) => {
      const isPodman = (await client.version()).libpod !== undefined;
      const answer = await client.get(isPodman ? '/libpod/networks/json' : '/networks', { signal });
      return answer ? client.check(answer, isPodman ? readPodmanNetworks : readNetworks) : [];
    },
    network: async (id, signal) => {
      const answer = await client.get(`/networks/${encodeURIComponent(id)}`, { signal });
      return answer && client.check(answer, readView);
    },
    runningIds: async (signal) => {
      const answer = await client.get('/containers/json', { signal });
      return answer ? client.check(answer, (body) => parseOrExplain(listed, body).map(({ Id }) => Id)) : [];
    },
    events: async (signal) => readEvents(await client.stream(`/events?${FOLLOWED}`, signal)),
    ping: async () => {
      await client.ping();
    },
  };
}

const listed = z.array(z.object({ Id: z.string() }));

/** Events that say that a container has begun, has ended, or has another name or place. */
const FOLLOWED = new URLSearchParams({
  filters: JSON.stringify({
    type: ['container', 'network'],
    event: ['start', 'rename', 'update', 'connect', 'disconnect', ...ENDS],
  }),
}).toString();
