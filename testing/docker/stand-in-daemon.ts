import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { endConnections, listenOnPath } from './listen-on-path.ts';

/** A container as the stand-in shows it. */
export interface StandInContainer {
  readonly id: string;
  name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly address: string;
  readonly mac: string;
  readonly pid: number;
  readonly endpointId: string;
  isPaused: boolean;
}

/** Docker daemon of a test, on a Unix socket, with one bridge network. It answers as Docker 20.10. */
export interface StandInDaemon {
  readonly containers: Map<string, StandInContainer>;
  /** Sends an event to all who follow. */
  readonly emit: (action: string, containerId: string) => void;
  /** Ends the daemon as a restart does: all connections break, the containers stay. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** True: the daemon takes requests and does not answer them. */
  isSilent: boolean;
}

export const STAND_IN_NETWORK = { id: 'e'.repeat(64), name: 'bridge', bridge: 'docker0' } as const;

export function createStandInDaemon(socketPath: string): StandInDaemon {
  const containers = new Map<string, StandInContainer>();
  const followers = new Set<ServerResponse>();
  let server: Server | undefined;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (daemon.isSilent) return;
    const path = (request.url ?? '').replace(/^\/v1\.41/, '').split('?', 1)[0] ?? '';
    if (path === '/_ping') {
      response.writeHead(200, { 'Api-Version': '1.41' }).end('OK');
      return;
    }
    if (path === '/events') {
      response.writeHead(200).flushHeaders();
      followers.add(response);
      response.on('close', () => followers.delete(response));
      return;
    }
    const body = bodyOf(path, containers);
    const status = body === undefined ? 404 : 200;
    response.writeHead(status).end(JSON.stringify(body ?? { message: 'No such object' }));
  }

  const daemon: StandInDaemon = {
    containers,
    isSilent: false,
    emit: (action, containerId) => {
      const event = { Type: 'container', Action: action, Actor: { ID: containerId, Attributes: {} } };
      for (const follower of followers) follower.write(`${JSON.stringify(event)}\n`);
    },
    start: async () => {
      server = createServer(answer);
      await listenOnPath(server, socketPath);
    },
    stop: async () => {
      if (server) await endConnections(server);
      server = undefined;
    },
  };
  return daemon;
}

function bodyOf(path: string, containers: ReadonlyMap<string, StandInContainer>): unknown {
  const { id, name, bridge } = STAND_IN_NETWORK;
  if (path === '/containers/json') return [...containers.keys()].map((Id) => ({ Id }));
  if (path === '/networks') {
    const Options = { 'com.docker.network.bridge.name': bridge };
    return [{ Id: id, Name: name, Driver: 'bridge', Options }];
  }
  if (path === `/networks/${id}`) {
    const entries = [...containers.values()].map((container) => [container.id, viewed(container)]);
    return { Id: id, Containers: Object.fromEntries(entries) };
  }
  const [, containerId = ''] = /^\/containers\/([\da-f]{64})\/json$/.exec(path) ?? [];
  const container = containers.get(containerId);
  return container && inspected(container);
}

function viewed({ endpointId, mac, address }: StandInContainer) {
  return { EndpointID: endpointId, MacAddress: mac, IPv4Address: `${address}/16`, IPv6Address: '' };
}

function inspected(container: StandInContainer) {
  const { id, name, image, labels, env, address, mac, pid, endpointId, isPaused } = container;
  const endpoint = {
    NetworkID: STAND_IN_NETWORK.id,
    EndpointID: endpointId,
    IPAddress: address,
    GlobalIPv6Address: '',
    MacAddress: mac,
  };
  return {
    Id: id,
    Name: `/${name}`,
    State: { Running: true, Paused: isPaused, Restarting: false, Pid: pid },
    HostConfig: { NetworkMode: 'default' },
    Config: {
      Image: image,
      Labels: labels,
      Env: Object.entries(env).map(([variable, value]) => `${variable}=${value}`),
    },
    NetworkSettings: { Networks: { [STAND_IN_NETWORK.name]: endpoint } },
  };
}
