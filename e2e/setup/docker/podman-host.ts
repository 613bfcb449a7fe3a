import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { waitFor } from '../../../testing/wait-for.ts';
import { startSite } from '../temporary-site.ts';
import { type DockerApi, dockerApi } from './docker-api.ts';
import { dockerPrograms } from './docker-programs.ts';
import { type ContainerHost, clientOf, startHostMachine } from './host-machine.ts';

export const PODMAN_SOCKET = '/run/podman/podman.sock';

/** A host with Podman of root, and its API as a service. */
export interface PodmanHost extends ContainerHost {
  readonly api: DockerApi;
}

/** Starts a Podman host. The service answers when this resolves. */
export function startPodmanHost(): Promise<PodmanHost> {
  return startSite(async (site) => {
    const { folder, env } = dockerPrograms();
    const inside = (place: string) => path.join(folder, place);
    // Podman starts it without the variable of its libraries; crun refuses the cgroups of both versions at
    // once.
    const runc = await site.file(
      'runc',
      `#!/bin/sh\nLD_LIBRARY_PATH="${env['LD_LIBRARY_PATH']}" exec "${inside('usr/sbin/runc')}" "$@"\n`,
    );
    await chmod(runc, 0o755);
    // The paths of an installed Podman are those of the system.
    const engine = await site.file(
      'containers.conf',
      `[containers]
cgroups = "enabled"
log_driver = "k8s-file"
seccomp_profile = "${inside('usr/share/containers/seccomp.json')}"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
conmon_path = ["${inside('usr/bin/conmon')}"]
helper_binaries_dir = ["${inside('usr/lib/podman')}"]
runtime = "runc"
[engine.runtimes]
runc = ["${runc}"]
[network]
network_backend = "netavark"
network_config_dir = "${path.join(site.folder, 'networks')}"
`,
    );
    const storage = await site.file(
      'storage.conf',
      `[storage]
driver = "overlay"
graphroot = "${path.join(site.folder, 'storage')}"
runroot = "/run/containers/storage"
`,
    );
    const machine = await startHostMachine(site, 'podman', {
      CONTAINERS_CONF: engine,
      CONTAINERS_STORAGE_CONF: storage,
    });
    // Changes of /etc stay in the namespaces of e2e.
    await machine.run(['mkdir', '-p', '/etc/containers', path.dirname(PODMAN_SOCKET)]);
    await machine.run(['cp', inside('etc/containers/policy.json'), '/etc/containers/policy.json']);
    const service = machine.start('service', 'podman', [
      'system',
      'service',
      '--time=0',
      `unix://${PODMAN_SOCKET}`,
    ]);
    const api = dockerApi(`/proc/${machine.pid}/root${PODMAN_SOCKET}`);
    await waitFor(() => api.isAlive(), 'service of Podman', undefined, service.ended);
    return { ...machine, ...clientOf(machine, 'podman'), api };
  });
}
