import type { Socket } from 'node:net';
import { normalizeAddress } from '../../lib/network/normalize-address.ts';
import type { Caller, CallerFinder, Connection } from './caller.ts';

export interface ConnectionCallersOptions<W> {
  readonly finder: CallerFinder<W>;
  /** Returns the ID by which `closeOf` knows a workload. */
  readonly idOf: (workload: W) => string;
  readonly monotonicMs: () => number;
}

/** Callers at the other end of each connection. */
export interface ConnectionCallers<W> {
  /** Must be called as soon as a connection is accepted. */
  readonly accepted: (socket: Socket) => void;
  /** Returns the caller; a promise of it while it is not known. Never rejects. */
  readonly of: (socket: Socket) => Caller<W> | Promise<Caller<W>>;
  /** Returns the caller if it is known already. */
  readonly known: (socket: Socket) => Caller<W> | undefined;
  /** Closes the connections of a workload that is gone: its address has a new owner soon. */
  readonly closeOf: (id: string) => void;
}

interface Known<W> {
  readonly connection: Connection;
  caller?: Caller<W>;
  underWay?: Promise<Caller<W>>;
}

const NOT_ACCEPTED: Caller<never> = { kind: 'unclear', reason: 'the connection ended' };

/**
 * Asks for the caller of a connection once, at its first request: an open connection never changes its owner.
 * Only while the caller is unclear, the next request asks again.
 */
export function openConnectionCallers<W>({
  finder,
  idOf,
  monotonicMs,
}: ConnectionCallersOptions<W>): ConnectionCallers<W> {
  const known = new WeakMap<Socket, Known<W>>();
  const byId = new Map<string, Set<Socket>>();

  async function find(socket: Socket, entry: Known<W>): Promise<Caller<W>> {
    const closed = new AbortController();
    const abort = () => closed.abort();
    socket.once('close', abort);
    try {
      const caller = await finder.find(entry.connection, closed.signal);
      if (caller.kind === 'unclear') return caller;
      entry.caller = caller;
      if (caller.kind === 'workload') remember(idOf(caller.workload), socket);
      return caller;
    } finally {
      socket.off('close', abort);
      delete entry.underWay;
    }
  }

  function remember(id: string, socket: Socket): void {
    if (socket.destroyed) return;
    const sockets = byId.get(id) ?? new Set();
    byId.set(id, sockets.add(socket));
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0 && byId.get(id) === sockets) byId.delete(id);
    });
  }

  return {
    accepted: (socket) => {
      const address = normalizeAddress(socket.remoteAddress ?? '');
      // It has ended already.
      if (address === undefined) return;
      known.set(socket, { connection: { address, acceptedAtMs: monotonicMs() } });
    },
    of: (socket) => {
      const entry = known.get(socket);
      if (!entry) return NOT_ACCEPTED;
      if (entry.caller) return entry.caller;
      entry.underWay ??= find(socket, entry);
      return entry.underWay;
    },
    known: (socket) => known.get(socket)?.caller,
    closeOf: (id) => {
      for (const socket of byId.get(id) ?? []) socket.destroy();
    },
  };
}
