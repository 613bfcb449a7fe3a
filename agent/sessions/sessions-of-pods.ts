import type { Exchange } from '../../credentials/pool/exchange-once.ts';
import {
  openSessionPool,
  type SessionPool,
  type SessionPoolOptions,
} from '../../credentials/pool/session-pool.ts';
import type { SessionSource } from '../../credentials/session.ts';
import type { ExchangeResult } from '../../credentials/session-keeper.ts';
import type { Grant } from '../pods/grant.ts';
import type { NodePod } from '../pods/node-pod.ts';

/** Returns the exchange of a pod's grant. It is kept as long as their session, and may remember something. */
export type ExchangeForPod = (pod: NodePod, grant: Grant) => Exchange;

export interface PodSessionsOptions extends Omit<SessionPoolOptions, 'keeper'> {
  readonly exchange: ExchangeForPod;
  /** Called after each exchange; must not throw. */
  readonly onResult: (pod: NodePod, grant: Grant, result: ExchangeResult) => void;
}

/** Sessions of the pods of a node: one for each pod and grant. */
export interface PodSessions extends Omit<SessionPool, 'sessionsOf'> {
  readonly sessionsOf: (pod: NodePod, grant: Grant) => SessionSource;
}

/**
 * Keeps the sessions of the pods of a node. Kubelet mounts a token before it starts a container, so a watch
 * of the files of all pods would bring nothing.
 */
export function openPodSessions({ exchange, onResult, ...options }: PodSessionsOptions): PodSessions {
  const pool = openSessionPool({ ...options, keeper: 'agent of this node' });
  return {
    ...pool,
    sessionsOf: (pod, grant) =>
      pool.sessionsOf({
        owner: { id: pod.uid, name: `pod ${pod.namespace}/${pod.name}` },
        key: keyOf(grant),
        createExchange: () => exchange(pod, grant),
        onResult: (result) => onResult(pod, grant, result),
      }),
  };
}

function keyOf({ role, sessionName, token, target }: Grant): string {
  const ofTarget = target && [target.role.arn, target.hasSessionTags];
  return JSON.stringify([role.arn, sessionName, token.volumeName, token.path, ofTarget]);
}
