import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * Answers every request with a name, and prints `ready` once all ports are open.
 *   named-listener.ts <name> <user id> <"address port">...
 */
const [name = '', userId = '', ...sockets] = process.argv.slice(2);

for (const [address, port] of sockets.map((socket) => socket.split(' '))) {
  const server = createServer((_request, response) => response.end(name));
  // `::` is only IPv6 here: the test names every address explicitly.
  server.listen({ host: address, port: Number(port), ipv6Only: true });
  await once(server, 'listening');
}
process.setgid?.(Number(userId));
process.setuid?.(Number(userId));
process.stdout.write('ready\n');
