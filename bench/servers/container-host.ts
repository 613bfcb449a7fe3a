import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../../testing/wait-for.ts';

/**
 * Network and mount namespace of a host whose only container is on a bridge. The network of the container is
 * that of this process, so that this process can send the load.
 */
export interface ContainerHost {
  /** Command that executes a program on the host. */
  readonly wrapper: readonly string[];
  /** Of the bridge, which the container reaches. */
  readonly hostAddress: string;
  readonly bridge: string;
  readonly container: {
    readonly address: string;
    readonly mac: string;
    /** Process in the network of the container, and in a cgroup with the name of the container. */
    readonly pid: number;
  };
  stop(): Promise<void>;
}

/** TEST-NET-2 of RFC 5737: no machine has these addresses. */
const [HOST_ADDRESS, CONTAINER_ADDRESS] = ['198.51.100.1', '198.51.100.2'];
const MAC = '02:42:c6:33:64:02';
const [BRIDGE, CONTAINER_DEVICE] = ['bench0', 'podrole-bench0'];

/** @param containerId name of the cgroup of its process */
export async function startContainerHost(containerId: string): Promise<ContainerHost> {
  // /sys shows the devices of the namespace in which it was mounted.
  const script = 'mount -t sysfs sysfs /sys && ip link set lo up && echo ready && exec sleep infinity';
  const host = spawn('unshare', ['--net', '--mount', 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const container = spawn('sleep', ['infinity'], { stdio: 'ignore' });
  const endWithUs = () => {
    host.kill('SIGKILL');
    container.kill('SIGKILL');
  };
  process.once('exit', endWithUs);
  await once(host.stdout, 'data');
  const wrapper = ['nsenter', `--target=${host.pid}`, '--net', '--mount', '--'];
  connect(wrapper, host.pid ?? 0);
  const cgroup = putIntoCgroup(container.pid ?? 0, containerId);
  return {
    wrapper,
    hostAddress: HOST_ADDRESS,
    bridge: BRIDGE,
    container: { address: CONTAINER_ADDRESS, mac: MAC, pid: container.pid ?? 0 },
    // Its devices end with the namespace.
    async stop() {
      await Promise.all([end(host), end(container)]);
      await waitFor(() => {
        rmdirSync(cgroup);
        return true;
      }, `end of ${cgroup}`);
      process.off('exit', endWithUs);
    },
  };
}

function connect(wrapper: readonly string[], hostPid: number): void {
  const here = (...args: readonly string[]) => execFileSync('ip', args);
  const there = (...args: readonly string[]) =>
    execFileSync(wrapper[0] ?? '', [...wrapper.slice(1), 'ip', ...args]);
  there('link', 'add', BRIDGE, 'type', 'bridge');
  there('address', 'add', `${HOST_ADDRESS}/24`, 'dev', BRIDGE);
  there('link', 'set', BRIDGE, 'up');
  here(
    ...['link', 'add', CONTAINER_DEVICE, 'address', MAC, 'type', 'veth'],
    ...['peer', 'name', 'veth0', 'netns', String(hostPid)],
  );
  there('link', 'set', 'veth0', 'master', BRIDGE, 'up');
  here('address', 'add', `${CONTAINER_ADDRESS}/24`, 'dev', CONTAINER_DEVICE);
  here('link', 'set', CONTAINER_DEVICE, 'up');
}

/** Returns the folder of the new cgroup. */
function putIntoCgroup(pid: number, name: string): string {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const places = mounts.flatMap((line) => {
    const [, place = '', type, options = ''] = line.split(' ');
    const isUsable = type === 'cgroup2' || (type === 'cgroup' && /\bpids\b/.test(options));
    return isUsable ? [place] : [];
  });
  const folder = join(places[0] ?? '', name);
  // A run that was killed leaves it behind.
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'cgroup.procs'), String(pid));
  return folder;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
