import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';

/**
 * A TCP proxy that can become silent like a broken network: it forwards nothing and closes
 * nothing.
 */
interface FreezingProxy {
  readonly port: number;
  /**
   * Silences the present connections, in both directions; new ones work. Returns the number of silenced ones.
   */
  freeze(): number;
  stop(): Promise<void>;
}

/**
 * Forwards to a port of this host.
 * @param host its own address
 */
export async function startFreezingProxy(targetPort: number, host = '127.0.0.1'): Promise<FreezingProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((incoming) => {
    const outgoing = dial(targetPort, '127.0.0.1');
    const pair = [incoming, outgoing] as const;
    pairs.add(pair);
    const end = () => {
      for (const socket of pair) socket.destroy();
      pairs.delete(pair);
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    incoming.pipe(outgoing).pipe(incoming);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    freeze() {
      for (const [incoming, outgoing] of pairs) {
        incoming.unpipe(outgoing).pause();
        outgoing.unpipe(incoming).pause();
      }
      return pairs.size;
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      await closed;
    },
  };
}
