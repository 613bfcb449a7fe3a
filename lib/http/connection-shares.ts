import type { Socket } from 'node:net';
import type { Connections, WebServer } from './connections.ts';
import { isWaiting } from './connections.ts';

/** Limits of a server whose clients are strangers to each other. */
export interface ShareLimits {
  /** Most connections in all. */
  readonly inAll: number;
  /** Most connections of one address. */
  readonly perAddress: number;
}

/**
 * Limits the connections of a server so that no address takes them from the others. At the limit of its
 * address, a new connection replaces the oldest one of this address on which the server waits for the client.
 * At the limit in all, it replaces one of an address that has the most, also one that is being answered if
 * that address has more than the new one. Otherwise, if the server waits for none of these, the new
 * connection is closed.
 * @param onShed called for each connection that was closed
 */
export function limitShares(
  server: WebServer,
  connections: Connections,
  { inAll, perAddress }: ShareLimits,
  onShed: () => void,
): void {
  const shares = new Map<string, Set<Socket>>();
  let open = 0;
  server.on('connection', (newcomer: Socket) => {
    const address = newcomer.remoteAddress ?? '';
    const share = shares.get(address) ?? new Set();
    shares.set(address, share);
    share.add(newcomer);
    open += 1;
    newcomer.once('close', () => {
      open -= 1;
      share.delete(newcomer);
      if (share.size === 0 && shares.get(address) === share) shares.delete(address);
    });
    if (share.size > perAddress) (oldestWaiting(share, connections) ?? newcomer).destroy();
    else if (open > inAll) excessOf(shares, share, connections, newcomer).destroy();
    else return;
    onShed();
  });
}

/** Returns the connection to close at the limit in all. */
function excessOf(
  shares: ReadonlyMap<string, Set<Socket>>,
  own: ReadonlySet<Socket>,
  connections: Connections,
  newcomer: Socket,
): Socket {
  let most = 0;
  for (const { size } of shares.values()) most = Math.max(most, size);
  // Of several with the most, the longest known comes first: it may have new addresses as often as it likes.
  let busy: Socket | undefined;
  for (const share of shares.values()) {
    if (share.size < most) continue;
    const waiting = oldestWaiting(share, connections);
    if (waiting) return waiting;
    if (most > own.size) busy ??= newestOf(share);
  }
  return busy ?? newcomer;
}

function newestOf(share: ReadonlySet<Socket>): Socket | undefined {
  let newest: Socket | undefined;
  for (const socket of share) if (!socket.destroyed) newest = socket;
  return newest;
}

function oldestWaiting(share: ReadonlySet<Socket>, connections: Connections): Socket | undefined {
  for (const socket of share) if (!socket.destroyed && isWaiting(connections, socket)) return socket;
  return undefined;
}
