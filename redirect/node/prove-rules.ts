import { once } from 'node:events';
import { connect } from 'node:net';
import { codeOf, messageOf } from '../../lib/errors.ts';
import { CONTAINERS, PODS, type Workloads } from './workloads.ts';

/** The kernel answers at once, or the process is too busy to be ready. */
const TIMEOUT_MS = 1_000;

const COMMANDS: Readonly<Record<Workloads['host'], string>> = {
  node: PODS.command,
  host: CONTAINERS.command,
};

/**
 * Proves, without any right, that the rules of the machine are loaded: they refuse a connection of the
 * machine itself to podrole's port. They are loaded as a whole, so one of them stands for all;
 * `podrole redirect --watch` compares each.
 * @param port on which this process listens on all addresses; else the refusal means nothing
 * @param host word for the machine
 * @returns problems, each as a sentence; empty if the rules are there
 */
export async function proveRules(port: number, host: Workloads['host'] = 'node'): Promise<readonly string[]> {
  const socket = connect({ host: '127.0.0.1', port });
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    await once(socket, 'connect', { signal });
    return [
      `the nft rules of the ${host} are not loaded: its processes can connect to port ${port}; run ${COMMANDS[host]}`,
    ];
  } catch (thrown) {
    if (codeOf(thrown) === 'ECONNREFUSED' || codeOf(thrown) === 'ECONNRESET') return [];
    const reason = signal.aborted ? 'the kernel does not answer' : messageOf(thrown);
    return [`the nft rules of the ${host} could not be checked: ${reason}`];
  } finally {
    socket.on('error', () => {});
    socket.destroy();
  }
}
