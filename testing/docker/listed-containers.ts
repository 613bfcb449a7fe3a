import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostContainer } from '../../docker/containers/host-container.ts';

/** Socket that answers as a Docker daemon does about the containers that run. */
export interface ListedContainers {
  /** `unix:///…` */
  readonly dockerHost: string;
  readonly close: () => Promise<void>;
}

/** Starts to answer about containers. */
export async function listContainers(containers: readonly HostContainer[]): Promise<ListedContainers> {
  const folder = mkdtempSync(join(tmpdir(), 'podrole-docker-'));
  const path = join(folder, 'docker.sock');
  const server = createServer(({ url = '' }, answer) => {
    const [, id] = /\/containers\/([\da-f]{64})\/json$/.exec(url) ?? [];
    if (url === '/_ping') send(answer, 'OK');
    else if (url.endsWith('/containers/json'))
      send(
        answer,
        containers.map((each) => ({ Id: each.id })),
      );
    else send(answer, containers.filter((each) => each.id === id).map(inspected)[0]);
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    dockerHost: `unix://${path}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      rmSync(folder, { recursive: true });
    },
  };
}

function send(answer: ServerResponse, body: unknown): void {
  answer.writeHead(body === undefined ? 404 : 200, { 'api-version': '1.41' });
  answer.end(JSON.stringify(body ?? { message: 'No such container' }));
}

function inspected(container: HostContainer): unknown {
  const { id, name, pid, networkMode, image, labels, environment, endpoints } = container;
  return {
    Id: id,
    Name: `/${name}`,
    State: { Running: true, Restarting: false, Pid: pid },
    HostConfig: { NetworkMode: networkMode },
    Config: {
      Image: image,
      Labels: Object.fromEntries(labels),
      Env: [...environment].map(([variable, value]) => `${variable}=${value}`),
    },
    NetworkSettings: {
      Networks: Object.fromEntries(
        endpoints.map(({ networkId, networkName, endpointId, addresses, mac }) => [
          networkName,
          {
            NetworkID: networkId,
            EndpointID: endpointId,
            IPAddress: addresses[0] ?? '',
            GlobalIPv6Address: '',
            MacAddress: mac,
          },
        ]),
      ),
    },
  };
}
