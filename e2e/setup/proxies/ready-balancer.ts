import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { joinSockets } from './join-sockets.ts';

interface BalancedServer {
  readonly port: number;
  readonly isReady: () => Promise<boolean>;
}

/**
 * A balancer that works like a Service: new connections go in turn to the ready servers, and open ones stay
 * at their server.
 */
export interface ReadyBalancer {
  /** @returns a function that removes the server, as a terminating pod is removed from its Service */
  readonly add: (server: BalancedServer) => () => void;
  readonly stop: () => Promise<void>;
}

export async function startReadyBalancer(port: number): Promise<ReadyBalancer> {
  const servers = new Set<BalancedServer>();
  const sockets = new Set<Socket>();
  let turn = 0;

  async function lead(from: Socket): Promise<void> {
    const asked = await Promise.all(
      [...servers].map(async (server) => ((await server.isReady().catch(() => false)) ? [server] : [])),
    );
    const ready = asked.flat();
    turn += 1;
    const chosen = ready[turn % ready.length];
    if (!chosen) return void from.destroy();
    joinSockets(from, connect(chosen.port, '127.0.0.1'), sockets);
  }

  const balancer = createServer((socket) => void lead(socket));
  balancer.listen(port, '127.0.0.1');
  await once(balancer, 'listening');
  return {
    add: (server) => {
      servers.add(server);
      return () => servers.delete(server);
    },
    stop: async () => {
      const closed = once(balancer, 'close');
      balancer.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
