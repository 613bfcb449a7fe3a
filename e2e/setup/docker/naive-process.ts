import { type ServerProcess, startServer } from '../../../testing/processes/server-process.ts';
import { succeed } from '../../cluster/run-command.ts';
import { DOCKER_SOCKET } from './docker-host.ts';
import type { ContainerHost } from './host-machine.ts';
import { onHost } from './podrole-docker.ts';

const SCRIPT = new URL('naive-proxy.ts', import.meta.url);
const PORT = 9931;
/** Only the way to the port, without podrole's guards. */
const RULES = `table inet naive {
  chain prerouting {
    type nat hook prerouting priority -101;
    ip daddr { 169.254.169.254, 169.254.170.2 } tcp dport 80 redirect to :${PORT}
  }
}
`;

/** Starts the proxy of 2015 with its rules. @returns what stops it */
export async function startNaiveProxy(
  host: Pick<ContainerHost, 'pid' | 'run'>,
  env: Readonly<Record<string, string>>,
): Promise<() => Promise<void>> {
  await succeed('rules', host.run(['nft', '-f', '-'], { input: RULES }));
  const proxy: ServerProcess = await startServer(SCRIPT, [String(PORT), DOCKER_SOCKET], {
    wrapper: [...onHost(host), 'setpriv', '--pdeathsig', 'KILL'],
    env: { ...env, AWS_EC2_METADATA_DISABLED: 'true' },
  });
  return async () => {
    await proxy.stop('SIGKILL');
    await succeed('rules', host.run(['nft', 'delete', 'table', 'inet', 'naive']));
  };
}
