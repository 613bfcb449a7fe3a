import type { Clock } from '../../lib/clock.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { Random } from '../../lib/surroundings.ts';
import type { ExchangedSession } from '../exchange/exchange.ts';
import type { SessionSource } from '../session.ts';
import { type ExchangeResult, keepSession, type SessionKeeper } from '../session-keeper.ts';
import type { Exchange } from './exchange-once.ts';
import { sessionDropped } from './session-dropped.ts';
import { createTurns } from './turns.ts';

export interface SessionPoolOptions {
  /** Who keeps the sessions, as an error names it: `agent of this node`. */
  readonly keeper: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Called for each question that is refused at a bound. */
  readonly onRefused?: () => void;
}

/** Workload that sessions belong to. */
export interface SessionOwner {
  /** Never the ID of another one later: the UID of a pod, the ID of a container. */
  readonly id: string;
  /** As an error names it: `pod shop/web`. */
  readonly name: string;
}

/** A session that somebody may ask for. */
export interface WantedSession {
  readonly owner: SessionOwner;
  /** Distinguishes the sessions of an owner: equal for questions that one session answers. */
  readonly key: string;
  /** Called once for a session that is kept. The exchange may keep a state of its own. */
  readonly createExchange: () => Exchange;
  /** Called after each exchange; must not throw. */
  readonly onResult: (result: ExchangeResult) => void;
}

/** Sessions of many workloads. */
export interface SessionPool {
  /**
   * Returns a source of sessions. It costs nothing until somebody asks for a session. `current` throws
   * `TOO_MANY_SESSIONS` at the bounds, `SESSION_DROPPED` to callers that wait while the owner is forgotten,
   * otherwise what a SessionSource throws.
   */
  readonly sessionsOf: (wanted: WantedSession) => SessionSource;
  /** Drops the sessions of an owner. */
  readonly forget: (ownerId: string) => void;
  /** Sessions that are kept, and exchanges that wait for their turn. */
  readonly counts: () => { readonly sessions: number; readonly waiting: number };
  readonly stop: () => void;
}

/**
 * Bounds of kept sessions. A pod rarely has more than two roles, a container has one, and a node has at most
 * some 500 pods. No owner can take what the others need, and all together take about 40 MB at most.
 */
const MAX_OF_OWNER = 16;
const MAX_IN_ALL = 4_096;

/**
 * Exchanges under way at once. STS answers in a tenth of a second, so 110 pods that start together have their
 * sessions in less than a second. An account can make 600 such calls a second, for all its nodes.
 */
const MOST_EXCHANGES = 16;

/** A role that STS refuses is tried again for this long after the last question for it. */
const IDLE_WITHOUT_SESSION_MS = 10 * 60_000;

interface KeptSession {
  readonly keeper: SessionKeeper;
  readonly use: Use;
}

/** Use of a kept session. */
interface Use {
  readonly ownerId: string;
  askedAtMs: number;
  /** Time without a question after which it is dropped. */
  idleMs: number;
  hasTried: boolean;
}

/**
 * Keeps sessions. The first question for a session begins its exchange; from then on it is renewed ahead. If
 * nobody asked for it during one whole lifetime, it is dropped in place of being renewed: no client can still
 * use it. After a failure only time leads to the next exchange.
 */
export function openSessionPool({
  keeper: keeperName,
  clock,
  random,
  onRefused = () => {},
}: SessionPoolOptions): SessionPool {
  const owners = new Map<string, Map<string, KeptSession>>();
  const turns = createTurns(MOST_EXCHANGES);
  let size = 0;
  let stopped: PodroleError | undefined;

  async function inTurn(exchange: Exchange, use: Use, signal: AbortSignal): Promise<ExchangedSession> {
    const end = await turns.take(use.ownerId, use.hasTried ? 'again' : 'first', signal);
    use.hasTried = true;
    try {
      signal.throwIfAborted();
      return await exchange(signal);
    } finally {
      end();
    }
  }

  function open({ owner, key, createExchange, onResult }: WantedSession): KeptSession {
    const use: Use = {
      ownerId: owner.id,
      askedAtMs: clock.monotonicMs(),
      idleMs: IDLE_WITHOUT_SESSION_MS,
      hasTried: false,
    };
    const exchange = createExchange();
    const isIdle = () => clock.monotonicMs() - use.askedAtMs > use.idleMs;
    const keeper: SessionKeeper = keepSession({
      clock,
      random,
      exchange: (signal) => {
        if (isIdle()) drop(owner.id, key);
        return inTurn(exchange, use, signal);
      },
      onResult: (result) => {
        if ('exchanged' in result) use.idleMs = result.exchanged.lifetimeMs;
        onResult(result);
      },
    });
    return { keeper, use };
  }

  function add(wanted: WantedSession): KeptSession {
    const { owner, key } = wanted;
    if (stopped) throw stopped;
    const ofOwner = owners.get(owner.id) ?? new Map<string, KeptSession>();
    if (ofOwner.size >= MAX_OF_OWNER) throw refused(owner.name, MAX_OF_OWNER);
    if (size >= MAX_IN_ALL) throw refused(keeperName, MAX_IN_ALL);
    const added = open(wanted);
    owners.set(owner.id, ofOwner.set(key, added));
    size += 1;
    return added;
  }

  function refused(object: string, most: number): PodroleError {
    onRefused();
    return tooMany(object, most);
  }

  function drop(ownerId: string, key: string): void {
    const ofOwner = owners.get(ownerId);
    const dropped = ofOwner?.get(key);
    if (!ofOwner || !dropped) return;
    ofOwner.delete(key);
    if (ofOwner.size === 0) owners.delete(ownerId);
    size -= 1;
    dropped.keeper.stop(sessionDropped());
  }

  return {
    sessionsOf: (wanted) => ({
      current: async () => {
        const { keeper, use } = owners.get(wanted.owner.id)?.get(wanted.key) ?? add(wanted);
        use.askedAtMs = clock.monotonicMs();
        return keeper.current();
      },
    }),
    forget: (ownerId) => {
      for (const key of owners.get(ownerId)?.keys() ?? []) drop(ownerId, key);
    },
    counts: () => ({ sessions: size, waiting: turns.waiting() }),
    stop: () => {
      stopped = stopping(keeperName);
      for (const ofOwner of owners.values()) {
        for (const { keeper } of ofOwner.values()) keeper.stop(stopped);
      }
    },
  };
}

function tooMany(object: string, most: number): PodroleError {
  return new PodroleError({
    code: 'TOO_MANY_SESSIONS',
    object,
    problem: `has ${most} sessions already, and gets no further one`,
    remedy: 'give its workloads fewer roles, or spread them over more hosts',
  });
}

function stopping(object: string): PodroleError {
  return new PodroleError({
    code: 'STOPPING',
    object,
    problem: 'is shutting down and asks for no other session',
    remedy: 'ask again: the process that follows answers',
  });
}
