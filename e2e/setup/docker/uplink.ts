import { runCommand, succeed } from '../../cluster/run-command.ts';

/**
 * Cable between the network namespace of e2e, which stands for everything outside, and a Docker host. The
 * outside is the default route of the host.
 */
export const UPLINK = { outside: '198.18.1.1', host: '198.18.1.2', name: 'uplink0' } as const;
const PEER = 'docker-host';

/**
 * Connects a host.
 * @param pid of a process in the network namespace of the host
 * @returns what removes the cable
 */
export async function connectUplink(pid: number): Promise<() => Promise<void>> {
  const remove = async () => {
    await runCommand('ip', ['link', 'del', PEER]);
  };
  await remove();
  const ip = (...args: readonly string[]) => succeed(`ip ${args.join(' ')}`, runCommand('ip', args));
  const inHost = (...args: readonly string[]) =>
    succeed(`ip ${args.join(' ')}`, runCommand('nsenter', [`--target=${pid}`, '--net', 'ip', ...args]));
  await ip('link', 'add', PEER, 'type', 'veth', 'peer', 'name', UPLINK.name, 'netns', String(pid));
  await ip('address', 'add', `${UPLINK.outside}/24`, 'dev', PEER);
  await ip('link', 'set', PEER, 'up');
  await inHost('address', 'add', `${UPLINK.host}/24`, 'dev', UPLINK.name);
  await inHost('link', 'set', UPLINK.name, 'up');
  await inHost('route', 'add', 'default', 'via', UPLINK.outside);
  return remove;
}
