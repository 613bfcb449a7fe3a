import path from 'node:path';
import { type CommandOptions, type CommandResult, succeed } from '../../cluster/run-command.ts';
import { cgroupOf, makeCgroup, removeCgroup } from '../../node/cgroups.ts';
import { type Machine, startMachine } from '../../node/machine.ts';
import type { TemporarySite } from '../temporary-site.ts';
import { dockerPrograms } from './docker-programs.ts';
import { connectUplink } from './uplink.ts';

/** A machine of its own for containers, with an uplink to the network namespace of e2e. */
export interface HostMachine {
  /** Process 1 of the machine. */
  readonly pid: number;
  /** Parent of the cgroups of its containers. */
  readonly cgroup: string;
  /** Runs a command on the host, with the programs of Docker and Podman on PATH. */
  run(command: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Starts a program on the host; it ends with the host at the latest. */
  start: Machine['start'];
}

/** Host as tests need it, whichever program runs its containers. */
export interface ContainerHost extends Omit<HostMachine, 'cgroup'>, TemporarySite {
  /** Returns the output of a command of `docker` or `podman`. @throws when it fails */
  client(...args: readonly string[]): Promise<string>;
  /** Runs a command in a container. */
  exec(name: string, command: readonly string[]): Promise<CommandResult>;
  /** Loads an archive of e2e/images/build. */
  load(archive: string): Promise<void>;
}

const IMPORT_TIMEOUT_MS = 300_000;

/**
 * Starts the machine of a host.
 * @param variables besides those of dockerPrograms
 */
export async function startHostMachine(
  site: TemporarySite,
  name: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<HostMachine> {
  const env = { ...dockerPrograms().env, ...variables };
  const cgroup = cgroupOf(name);
  // A killed test could not remove it.
  await removeCgroup(cgroup);
  makeCgroup(cgroup);
  site.onStop(() => removeCgroup(cgroup));
  const machine = await startMachine(name, path.join(site.folder, 'machine'));
  site.onStop(() => machine.stop());
  site.onStop(await connectUplink(machine.pid));
  const assignments = Object.entries(env).map(([variable, value]) => `${variable}=${value}`);
  return {
    pid: machine.pid,
    cgroup,
    run: (command, options) => machine.run(command, { env, ...options }),
    start: (program, file, args) => machine.start(program, 'env', [...assignments, file, ...args]),
  };
}

/** Returns the client of a host's containers. @param program `docker` or `podman` */
export function clientOf(
  { run }: Pick<HostMachine, 'run'>,
  program: 'docker' | 'podman',
): Pick<ContainerHost, 'client' | 'exec' | 'load'> {
  return {
    client: (...args) => succeed(`${program} ${args.join(' ')}`, run([program, ...args])),
    exec: (name, command) => run([program, 'exec', name, ...command]),
    async load(archive) {
      const file = path.join(process.env['PODROLE_E2E_IMAGES'] ?? '', archive);
      const loading = run([program, 'load', '--quiet', '--input', file], { timeoutMs: IMPORT_TIMEOUT_MS });
      await succeed(`load of ${archive}`, loading);
    },
  };
}
