import { once } from 'node:events';
import type { Server } from 'node:http';

/** Listens on a Unix socket. */
export async function listenOnPath(server: Server, path: string): Promise<void> {
  server.listen(path);
  await once(server, 'listening');
}

/** Ends a server and breaks all of its connections. */
export async function endConnections(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
