import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { waitFor } from '../../../testing/wait-for.ts';
import type { RunningProcess } from '../../cluster/processes.ts';
import { type CommandOptions, type CommandResult, succeed } from '../../cluster/run-command.ts';
import { cgroupOf, makeCgroup, removeCgroup } from '../../node/cgroups.ts';
import { type Machine, startMachine } from '../../node/machine.ts';
import { startSite, type TemporarySite } from '../temporary-site.ts';
import { type DockerApi, dockerApi } from './docker-api.ts';
import { dockerPrograms } from './docker-programs.ts';
import { connectUplink } from './uplink.ts';

const SOCKET = '/run/docker.sock';
/** Of the networks that are made without a range of their own. */
const ADDRESS_POOL = 'base=10.201.0.0/16,size=24';
const START_TIMEOUT_MS = 120_000;
const IMPORT_TIMEOUT_MS = 300_000;

/** A machine of its own with a Docker daemon, and an uplink to the network namespace of e2e. */
export interface DockerHost extends TemporarySite {
  /** Process 1 of the machine. */
  readonly pid: number;
  /** Runs a command on the host, with Docker's programs on PATH. */
  run(command: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Starts a program on the host; it ends with the host at the latest. */
  start: Machine['start'];
  /** Returns the output of a `docker` command. @throws when it fails */
  docker(...args: readonly string[]): Promise<string>;
  /** The daemon's API, through its socket. */
  readonly api: DockerApi;
  /** Loads an archive of e2e/images/build. */
  load(archive: string): Promise<void>;
  startDaemon(flags?: readonly string[]): Promise<void>;
  /** Ends the daemon; without `--live-restore` it ends its containers first. */
  stopDaemon(signal?: NodeJS.Signals): Promise<void>;
  /** SIGSTOP freezes the daemon, SIGCONT lets it go on. */
  signalDaemon(signal: NodeJS.Signals): void;
}

/**
 * Starts a Docker host. The daemon answers when this resolves.
 * @param name different for hosts that run at the same time
 * @param flags further flags of dockerd
 */
export function startDockerHost(name = 'docker', flags: readonly string[] = []): Promise<DockerHost> {
  return startSite(async (site) => {
    const { env } = dockerPrograms();
    const cgroup = cgroupOf(name);
    await removeCgroup(cgroup);
    makeCgroup(cgroup);
    site.onStop(() => removeCgroup(cgroup));
    const machine = await startMachine(name, path.join(site.folder, 'machine'));
    site.onStop(() => machine.stop());
    site.onStop(await connectUplink(machine.pid));
    const run: DockerHost['run'] = (command, options) => machine.run(command, { env, ...options });
    const docker = (...args: readonly string[]) =>
      succeed(`docker ${args.join(' ')}`, run(['docker', ...args]));
    const api = dockerApi(`/proc/${machine.pid}/root${SOCKET}`);
    const daemon = daemonOf(machine, path.join(site.folder, 'data'), cgroup, api);
    await daemon.startDaemon(flags);
    return {
      pid: machine.pid,
      run,
      start: (program, file, args) =>
        machine.start(program, 'env', [
          ...Object.entries(env).map(([key, value]) => `${key}=${value}`),
          file,
          ...args,
        ]),
      docker,
      api,
      async load(archive) {
        const file = path.join(process.env['PODROLE_E2E_IMAGES'] ?? '', archive);
        const loading = run(['docker', 'load', '--quiet', '--input', file], {
          env,
          timeoutMs: IMPORT_TIMEOUT_MS,
        });
        await succeed(`load of ${archive}`, loading);
      },
      ...daemon,
    };
  });
}

type Daemon = Pick<DockerHost, 'startDaemon' | 'stopDaemon' | 'signalDaemon'>;

function daemonOf(machine: Machine, data: string, cgroup: string, api: DockerApi): Daemon {
  const { env } = dockerPrograms();
  const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  let running: RunningProcess | undefined;
  let pid = 0;
  return {
    async startDaemon(flags = []) {
      // An earlier one that was killed leaves both behind.
      await machine.run(['rm', '-f', '/run/docker.pid', SOCKET]);
      const args = [`--data-root=${data}`, `--host=unix://${SOCKET}`, `--cgroup-parent=${cgroup}`];
      const started = machine.start('dockerd', 'env', [
        ...variables,
        ...[
          'dockerd',
          ...args,
          '--storage-driver=overlay2',
          `--default-address-pool=${ADDRESS_POOL}`,
          ...flags,
        ],
      ]);
      running = started;
      await waitFor(() => api.isAlive(), 'Docker daemon', START_TIMEOUT_MS, started.ended);
      pid = Number(readFileSync(`/proc/${started.pid}/task/${started.pid}/children`, 'utf8'));
    },
    async stopDaemon(signal = 'SIGTERM') {
      process.kill(pid, signal);
      await waitFor(() => !existsSync(`/proc/${pid}`), 'end of the Docker daemon', START_TIMEOUT_MS);
      await running?.stop(0);
    },
    signalDaemon(signal) {
      process.kill(pid, signal);
    },
  };
}
