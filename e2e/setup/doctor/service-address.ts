import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { runProgram } from '../../aws/run-program.ts';
import { joinSockets } from '../proxies/join-sockets.ts';

/** The address of a Service, which the API server calls. It does in this process what kube-proxy does. */
interface ServiceAddress {
  /** Leads connections to a port of loopback. Undefined: refuses them, as without endpoints. */
  lead(port: number | undefined): Promise<void>;
  stop(): Promise<void>;
}

/** Gives the cluster IP to the loopback interface of this network namespace. */
export async function openServiceAddress(clusterIp: string, servicePort: number): Promise<ServiceAddress> {
  await runProgram('ip', ['address', 'add', `${clusterIp}/32`, 'dev', 'lo']);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let led: number | undefined;
  const close = async () => {
    const closing = server;
    server = undefined;
    led = undefined;
    for (const socket of sockets) socket.destroy();
    if (!closing) return;
    const closed = once(closing, 'close');
    closing.close();
    await closed;
  };
  return {
    stop: close,
    async lead(port) {
      if (port === led) return;
      await close();
      if (port === undefined) return;
      server = createServer((incoming) => {
        joinSockets(incoming, connect(port, '127.0.0.1'), sockets);
      });
      server.listen(servicePort, clusterIp);
      await once(server, 'listening');
      led = port;
    },
  };
}
