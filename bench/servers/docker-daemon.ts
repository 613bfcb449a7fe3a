import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';

/** A container in the default network of a stand-in. */
export interface StandInContainer {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly mac: string;
  /** Process in whose network namespace it is. */
  readonly pid: number;
  readonly labels: Readonly<Record<string, string>>;
}

interface StandIn {
  readonly socketPath: string;
  readonly containers: readonly StandInContainer[];
  /** Bridge of the default network. */
  readonly bridge: string;
}

const NETWORK_ID = 'b'.repeat(64);
const VERSION = { 'Api-Version': '1.41', 'Content-Type': 'application/json' };

/**
 * Answers on a Unix socket what a Docker daemon would say about containers that never change. Correctness is
 * tested against real daemons.
 */
export async function startDockerStandIn(standIn: StandIn): Promise<{ stop(): Promise<void> }> {
  const answers = new Map<string, unknown>([
    ['/_ping', 'OK'],
    ['/networks', [networkOf(standIn)]],
    [`/networks/${NETWORK_ID}`, viewOf(standIn)],
    ['/containers/json', standIn.containers.map(({ id }) => ({ Id: id }))],
    ...standIn.containers.map((each) => [`/containers/${each.id}/json`, inspected(each)] as const),
  ]);
  const streams = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').replace(/^\/v1\.\d+/, '').split('?', 1);
    if (path === '/events') {
      streams.add(response);
      response.writeHead(200, VERSION).flushHeaders();
      return;
    }
    const answer = answers.get(path);
    response.writeHead(answer === undefined ? 404 : 200, VERSION).end(JSON.stringify(answer ?? {}));
  });
  server.listen(standIn.socketPath);
  await once(server, 'listening');
  return {
    async stop() {
      for (const stream of streams) stream.end();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function networkOf({ bridge }: StandIn) {
  const options = { 'com.docker.network.bridge.name': bridge };
  return { Id: NETWORK_ID, Name: 'bridge', Driver: 'bridge', EnableIPv6: false, Options: options };
}

function viewOf(standIn: StandIn) {
  const endpoints = standIn.containers.map(({ id, address, mac }) => [
    id,
    { EndpointID: endpointOf(id), MacAddress: mac, IPv4Address: `${address}/16`, IPv6Address: '' },
  ]);
  return { ...networkOf(standIn), Containers: Object.fromEntries(endpoints) };
}

function inspected({ id, name, address, mac, pid, labels }: StandInContainer) {
  return {
    Id: id,
    Name: `/${name}`,
    State: { Running: true, Paused: false, Restarting: false, Pid: pid },
    HostConfig: { NetworkMode: 'default' },
    Config: { Image: 'registry.example.com/app:1', Labels: labels, Env: ['PATH=/usr/bin'] },
    NetworkSettings: {
      Networks: {
        bridge: {
          NetworkID: NETWORK_ID,
          EndpointID: endpointOf(id),
          IPAddress: address,
          GlobalIPv6Address: '',
          MacAddress: mac,
        },
      },
    },
  };
}

function endpointOf(id: string): string {
  return `e${id.slice(1)}`;
}
