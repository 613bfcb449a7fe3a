import type { Socket } from 'node:net';
import { normalizeAddress } from '../../lib/network/normalize-address.ts';
import type { Caller, CallerFinder, Connection } from '../caller/caller.ts';

export interface ConnectionCallersOptions {
  readonly finder: CallerFinder;
  readonly monotonicMs: () => number;
}

/** Callers at the other end of each connection. */
export interface ConnectionCallers {
  /** Must be called as soon as a connection is accepted. */
  readonly accepted: (socket: Socket) => void;
  /** Returns the caller; a promise of it while it is not known. Never rejects. */
  readonly of: (socket: Socket) => Caller | Promise<Caller>;
  /** Returns the caller if it is known already. */
  readonly known: (socket: Socket) => Caller | undefined;
  /** Closes the connections of a pod that is gone: its address has a new owner soon. */
  readonly closeOf: (uid: string) => void;
}

interface Known {
  readonly connection: Connection;
  caller?: Caller;
  underWay?: Promise<Caller>;
}

const NOT_ACCEPTED: Caller = { kind: 'unclear', reason: 'the connection ended' };

/**
 * Asks for the caller of a connection once, at its first request: an open connection never changes its owner.
 * Only while the caller is unclear, the next request asks again.
 */
export function openConnectionCallers({ finder, monotonicMs }: ConnectionCallersOptions): ConnectionCallers {
  const known = new WeakMap<Socket, Known>();
  const byUid = new Map<string, Set<Socket>>();

  async function find(socket: Socket, entry: Known): Promise<Caller> {
    const closed = new AbortController();
    const abort = () => closed.abort();
    socket.once('close', abort);
    try {
      const caller = await finder.find(entry.connection, closed.signal);
      if (caller.kind === 'unclear') return caller;
      entry.caller = caller;
      if (caller.kind === 'pod') remember(caller.pod.uid, socket);
      return caller;
    } finally {
      socket.off('close', abort);
      delete entry.underWay;
    }
  }

  function remember(uid: string, socket: Socket): void {
    if (socket.destroyed) return;
    const sockets = byUid.get(uid) ?? new Set();
    byUid.set(uid, sockets.add(socket));
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0 && byUid.get(uid) === sockets) byUid.delete(uid);
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
    closeOf: (uid) => {
      for (const socket of byUid.get(uid) ?? []) socket.destroy();
    },
  };
}
