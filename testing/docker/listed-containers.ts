import type { HostContainer } from '../../docker/containers/host-container.ts';
import { startDaemonServer } from './daemon-server.ts';

/** Socket that answers as a Docker daemon does about the containers that run. */
export interface ListedContainers {
  /** `unix:///…` */
  readonly dockerHost: string;
  readonly close: () => Promise<void>;
}

/** Starts to answer about containers. */
export async function listContainers(containers: readonly HostContainer[]): Promise<ListedContainers> {
  const { socketPath, answers, close } = await startDaemonServer();
  answers.set('/v1.41/containers/json', { body: containers.map(({ id }) => ({ Id: id })) });
  for (const each of containers) {
    answers.set(`/v1.41/containers/${each.id}/json`, { body: inspected(each) });
  }
  return { dockerHost: `unix://${socketPath}`, close };
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
