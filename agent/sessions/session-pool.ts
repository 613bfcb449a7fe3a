import type { ExchangedSession } from '../../credentials/exchange/exchange.ts';
import type { SessionSource } from '../../credentials/session.ts';
import { type ExchangeResult, keepSession, type SessionKeeper } from '../../credentials/session-keeper.ts';
import type { Clock } from '../../lib/clock.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { Random } from '../../lib/surroundings.ts';
import type { Grant } from '../pods/grant.ts';
import type { NodePod } from '../pods/node-pod.ts';
import { createTurns } from './turns.ts';

/** Does one exchange. Only the signal ends it early. */
export type Exchange = (signal: AbortSignal) => Promise<ExchangedSession>;

/** Returns the exchange of a pod's grant. It is kept as long as their session, and may remember something. */
export type ExchangeForPod = (pod: NodePod, grant: Grant) => Exchange;

export interface SessionPoolOptions {
  readonly exchange: ExchangeForPod;
  readonly clock: Clock;
  readonly random: Random;
  /** Called after each exchange; must not throw. */
  readonly onResult: (pod: NodePod, grant: Grant, result: ExchangeResult) => void;
  /** Called for each question that is refused at a bound. */
  readonly onRefused?: () => void;
}

/** Sessions of the pods of a node: one for each pod and grant. */
export interface SessionPool {
  /**
   * Returns the source of the pod's sessions of a grant. It costs nothing until somebody asks for a session.
   * `current` throws `TOO_MANY_SESSIONS` at the bounds, `POD_GONE` to callers that wait while the pod is
   * forgotten, otherwise what a SessionSource throws.
   */
  readonly sessionsOf: (pod: NodePod, grant: Grant) => SessionSource;
  /** Drops the sessions of a pod that is gone or finished. */
  readonly forget: (podUid: string) => void;
  /** Sessions that are kept, and exchanges that wait for their turn. */
  readonly counts: () => { readonly sessions: number; readonly waiting: number };
  readonly stop: () => void;
}

/**
 * Bounds of kept sessions. A pod rarely has more than two roles, and a node at most some 500 pods. No pod
 * can take what the others need, and all together take about 40 MB at most.
 */
const MAX_OF_POD = 16;
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
  readonly podUid: string;
  askedAtMs: number;
  /** Time without a question after which it is dropped. */
  idleMs: number;
  hasTried: boolean;
}

/**
 * Keeps the sessions of the pods of a node. The first question for a session begins its exchange; from then
 * on it is renewed ahead. If nobody asked for it during one whole lifetime, it is dropped in place of being
 * renewed: no client can still use it. After a failure only time leads to the next exchange: kubelet mounts a
 * token before it starts a container, so a watch of the files of all pods would bring nothing.
 */
export function openSessionPool({
  exchange: exchangeFor,
  clock,
  random,
  onResult,
  onRefused = () => {},
}: SessionPoolOptions): SessionPool {
  const pods = new Map<string, Map<string, KeptSession>>();
  const turns = createTurns(MOST_EXCHANGES);
  let size = 0;
  let stopped: PodroleError | undefined;

  async function inTurn(exchange: Exchange, use: Use, signal: AbortSignal): Promise<ExchangedSession> {
    const end = await turns.take(use.podUid, use.hasTried ? 'again' : 'first', signal);
    use.hasTried = true;
    try {
      signal.throwIfAborted();
      return await exchange(signal);
    } finally {
      end();
    }
  }

  function open(pod: NodePod, grant: Grant, key: string): KeptSession {
    const use: Use = {
      podUid: pod.uid,
      askedAtMs: clock.monotonicMs(),
      idleMs: IDLE_WITHOUT_SESSION_MS,
      hasTried: false,
    };
    const exchange = exchangeFor(pod, grant);
    const isIdle = () => clock.monotonicMs() - use.askedAtMs > use.idleMs;
    const keeper: SessionKeeper = keepSession({
      clock,
      random,
      exchange: (signal) => {
        if (isIdle()) drop(pod.uid, key);
        return inTurn(exchange, use, signal);
      },
      onResult: (result) => {
        if ('exchanged' in result) use.idleMs = result.exchanged.lifetimeMs;
        onResult(pod, grant, result);
      },
    });
    return { keeper, use };
  }

  function add(pod: NodePod, grant: Grant, key: string): KeptSession {
    if (stopped) throw stopped;
    const ofPod = pods.get(pod.uid) ?? new Map<string, KeptSession>();
    if (ofPod.size >= MAX_OF_POD) throw refused(`pod ${pod.namespace}/${pod.name}`, MAX_OF_POD);
    if (size >= MAX_IN_ALL) throw refused('agent of this node', MAX_IN_ALL);
    const added = open(pod, grant, key);
    pods.set(pod.uid, ofPod.set(key, added));
    size += 1;
    return added;
  }

  function refused(object: string, most: number): PodroleError {
    onRefused();
    return tooMany(object, most);
  }

  function drop(podUid: string, key: string): void {
    const ofPod = pods.get(podUid);
    const dropped = ofPod?.get(key);
    if (!ofPod || !dropped) return;
    ofPod.delete(key);
    if (ofPod.size === 0) pods.delete(podUid);
    size -= 1;
    dropped.keeper.stop(podGone());
  }

  return {
    sessionsOf: (pod, grant) => {
      const key = keyOf(grant);
      return {
        current: async () => {
          const { keeper, use } = pods.get(pod.uid)?.get(key) ?? add(pod, grant, key);
          use.askedAtMs = clock.monotonicMs();
          return keeper.current();
        },
      };
    },
    forget: (podUid) => {
      for (const key of pods.get(podUid)?.keys() ?? []) drop(podUid, key);
    },
    counts: () => ({ sessions: size, waiting: turns.waiting() }),
    stop: () => {
      stopped = stopping();
      for (const ofPod of pods.values()) for (const { keeper } of ofPod.values()) keeper.stop(stopped);
    },
  };
}

function keyOf({ role, sessionName, token, target }: Grant): string {
  const ofTarget = target && [target.role.arn, target.hasSessionTags];
  return JSON.stringify([role.arn, sessionName, token.volumeName, token.path, ofTarget]);
}

function tooMany(object: string, most: number): PodroleError {
  return new PodroleError({
    code: 'TOO_MANY_SESSIONS',
    object,
    problem: `has ${most} sessions already, and gets no further one`,
    remedy: 'give its containers fewer roles, or spread the pods over more nodes',
  });
}

function podGone(): PodroleError {
  return new PodroleError({
    code: 'POD_GONE',
    object: 'pod',
    problem: 'has ended, and its sessions are dropped',
    remedy: 'ask from a pod that runs',
  });
}

function stopping(): PodroleError {
  return new PodroleError({
    code: 'STOPPING',
    object: 'agent',
    problem: 'is shutting down and asks for no other session',
    remedy: 'ask again: the next agent of this node answers',
  });
}
