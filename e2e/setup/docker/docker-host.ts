import { readFileSync } from 'node:fs';
import path from 'node:path';
import { waitFor } from '../../../testing/wait-for.ts';
import type { RunningProcess } from '../../cluster/processes.ts';
import { startSite } from '../temporary-site.ts';
import { type DockerApi, dockerApi } from './docker-api.ts';
import { type ContainerHost, clientOf, type HostMachine, startHostMachine } from './host-machine.ts';

/** Socket of the daemon on the host. */
export const DOCKER_SOCKET = '/run/docker.sock';
/** Of the networks that are made without a range of their own. */
const ADDRESS_POOL = 'base=10.201.0.0/16,size=24';
/** Of the network `bridge`. */
export const BRIDGE_GATEWAY = '172.17.0.1';
const START_TIMEOUT_MS = 120_000;

/** A host with a Docker daemon. */
export interface DockerHost extends ContainerHost, Daemon {
  /** The daemon's API, through its socket. */
  readonly api: DockerApi;
}

interface Daemon {
  /** @param flags further flags of dockerd */
  startDaemon(flags?: readonly string[]): Promise<void>;
  /** Ends the daemon; without `--live-restore` it ends its containers first. */
  stopDaemon(signal?: NodeJS.Signals): Promise<void>;
  /** SIGSTOP freezes the daemon, SIGCONT lets it go on. */
  signalDaemon(signal: NodeJS.Signals): void;
}

/** Starts a Docker host. The daemon answers when this resolves. */
export function startDockerHost(flags: readonly string[] = []): Promise<DockerHost> {
  return startSite(async (site) => {
    const machine = await startHostMachine(site, 'docker');
    const api = dockerApi(`/proc/${machine.pid}/root${DOCKER_SOCKET}`);
    const daemon = daemonOf(machine, path.join(site.folder, 'data'), api);
    await daemon.startDaemon(flags);
    return { ...machine, ...clientOf(machine, 'docker'), ...daemon, api };
  });
}

function daemonOf(machine: HostMachine, data: string, api: DockerApi): Daemon {
  let running: RunningProcess | undefined;
  let pid = 0;
  return {
    async startDaemon(flags = []) {
      // An earlier one that was killed leaves both behind.
      await machine.run(['rm', '-f', '/run/docker.pid', DOCKER_SOCKET]);
      const started = machine.start('dockerd', 'dockerd', [
        ...[`--data-root=${data}`, `--host=unix://${DOCKER_SOCKET}`, `--cgroup-parent=${machine.cgroup}`],
        ...[
          '--storage-driver=overlay2',
          `--bip=${BRIDGE_GATEWAY}/16`,
          `--default-address-pool=${ADDRESS_POOL}`,
        ],
        ...flags,
      ]);
      running = started;
      await waitFor(() => api.isAlive(), 'Docker daemon', START_TIMEOUT_MS, started.ended);
      pid = Number(readFileSync(`/proc/${started.pid}/task/${started.pid}/children`, 'utf8'));
    },
    async stopDaemon(signal = 'SIGTERM') {
      process.kill(pid, signal);
      // nsenter ends as its child does.
      await waitFor(() => running?.ended.aborted, 'end of the Docker daemon', START_TIMEOUT_MS);
    },
    signalDaemon(signal) {
      process.kill(pid, signal);
      // nsenter stops itself when its child is stopped, and would not reap it later.
      if (signal === 'SIGCONT' && running) process.kill(running.pid, signal);
    },
  };
}
