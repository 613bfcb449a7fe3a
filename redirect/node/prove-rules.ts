import { once } from 'node:events';
import { connect } from 'node:net';
import { codeOf, messageOf } from '../../lib/errors.ts';

/** The kernel answers at once, or the process is too busy to be ready. */
const TIMEOUT_MS = 1_000;

/**
 * Proves, without any right, that the rules of the node are loaded: they refuse a connection of the node
 * itself to the agent's port. They are loaded as a whole, so one of them stands for all;
 * `podrole redirect --node --watch` compares each.
 * @param port on which this process listens on all addresses; else the refusal means nothing
 * @returns problems, each as a sentence; empty if the rules are there
 */
export async function proveRules(port: number): Promise<readonly string[]> {
  const socket = connect({ host: '127.0.0.1', port });
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    await once(socket, 'connect', { signal });
    return [`the nft rules of the node are not loaded: its processes can connect to port ${port}`];
  } catch (thrown) {
    if (codeOf(thrown) === 'ECONNREFUSED' || codeOf(thrown) === 'ECONNRESET') return [];
    const reason = signal.aborted ? 'the kernel does not answer' : messageOf(thrown);
    return [`the nft rules of the node could not be checked: ${reason}`];
  } finally {
    socket.on('error', () => {});
    socket.destroy();
  }
}
