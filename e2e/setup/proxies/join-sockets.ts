import type { Socket } from 'node:net';

/** Lets two connections carry each other's bytes. The set holds each of them for as long as it is open. */
export function joinSockets(client: Socket, server: Socket, open: Set<Socket>): void {
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    open.add(one);
    one.on('error', () => other.destroy());
    one.on('close', () => {
      open.delete(one);
      other.destroy();
    });
    one.pipe(other);
  }
}
