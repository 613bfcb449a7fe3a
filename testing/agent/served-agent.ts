import { randomBytes } from 'node:crypto';
import type { Grant } from '../../agent/pods/grant.ts';
import type { NodePod } from '../../agent/pods/node-pod.ts';
import { type AgentEndpointOptions, agentEndpoint } from '../../agent/serve/agent-endpoint.ts';
import { openPodEndpoints } from '../../agent/serve/pod-endpoints.ts';
import type { Refused } from '../../agent/serve/refusals.ts';
import type { TokenHolder } from '../../agent/tokens/verify-agent-token.ts';
import { systemClock } from '../../lib/clock.ts';
import { PodroleError } from '../../lib/errors.ts';
import { requestListener } from '../../lib/http/request-listener.ts';
import { drain } from '../../lib/http/serve.ts';
import type { Caller } from '../../metadata/workloads/caller.ts';
import { openConnectionCallers } from '../../metadata/workloads/connection-callers.ts';
import { listenForWorkloads } from '../../metadata/workloads/listen-for-workloads.ts';
import { type CollectedLog, collectLog } from '../processes/collected-log.ts';
import { workloadFacts, workloadSession } from '../sidecar/workload.ts';

/** The port of an agent, whose pods are given by their addresses. */
export interface ServedAgent {
  readonly port: number;
  /** Callers by address; an address that is not here is a stranger. A change counts for new connections. */
  readonly callers: Map<string, Caller<NodePod> | Promise<Caller<NodePod>>>;
  /** Who a token names; an error: what its check throws. */
  readonly tokens: Map<string, TokenHolder | Error>;
  /** Addresses that the finder was asked for. */
  readonly asked: string[];
  readonly refused: Refused[];
  /** Reasons why tokens could not be checked. */
  readonly unchecked: PodroleError[];
  /** Connections that were closed because of a limit. */
  shed: number;
  readonly log: CollectedLog;
  /** Reports that a pod is gone. */
  readonly gone: (uid: string) => void;
  readonly close: () => Promise<void>;
}

/** Access key of the session that a pod gets for a grant: it names both. */
export function accessKeyOf(pod: NodePod, grant: Grant): string {
  return `${pod.uid} ${grant.container ?? '*'} ${grant.role.name}`;
}

/** Serves pods of loopback addresses without a cluster and without an STS. */
export async function serveAgent(
  options: Partial<Pick<AgentEndpointOptions, 'imdsv2' | 'isUnknownBlocked'>> = {},
): Promise<ServedAgent> {
  const { imdsv2 = 'optional', isUnknownBlocked = true } = options;
  const log = collectLog();
  const callers: ServedAgent['callers'] = new Map();
  const tokens: ServedAgent['tokens'] = new Map();
  const asked: string[] = [];
  const refused: Refused[] = [];
  const unchecked: PodroleError[] = [];
  const { monotonicMs } = systemClock;
  const connections = openConnectionCallers<NodePod>({
    idOf: ({ uid }) => uid,
    finder: {
      find: async ({ address }) => {
        asked.push(address);
        return (await callers.get(address)) ?? { kind: 'stranger', reason: 'no pod has it' };
      },
    },
    monotonicMs,
  });
  const endpoints = openPodEndpoints({
    sessionsOf: (pod, grant) => ({
      current: async () => ({ ...workloadSession, accessKeyId: accessKeyOf(pod, grant) }),
    }),
    host: workloadFacts,
    imdsv2,
    tokens: { monotonicMs, randomBytes },
  });
  const endpoint = agentEndpoint({
    callers: connections,
    endpoints,
    tokens: {
      verifyAgentToken: async (authorization) => orThrow(tokens.get(authorization) ?? refuseToken()),
    },
    imdsv2,
    isUnknownBlocked,
    clock: systemClock,
    onRefused: (reason) => refused.push(reason),
    onUnchecked: (failure) => unchecked.push(failure),
  });
  const { server, port } = await listenForWorkloads({
    port: 0,
    listener: requestListener({ endpoint, logger: log.logger, onAnswer: () => {} }),
    onConnection: connections.accepted,
    onConnectionShed: () => {
      served.shed += 1;
    },
  });
  const served: ServedAgent = {
    port,
    callers,
    tokens,
    asked,
    refused,
    unchecked,
    shed: 0,
    log,
    gone: (uid) => {
      endpoints.forget(uid);
      connections.closeOf(uid);
    },
    close: () => drain(server, 0),
  };
  return served;
}

function orThrow(holder: TokenHolder | Error): TokenHolder {
  if (holder instanceof Error) throw holder;
  return holder;
}

function refuseToken(): never {
  throw new PodroleError({
    code: 'AGENT_TOKEN_REFUSED',
    object: 'Authorization',
    problem: 'is not a token',
    remedy: 'send one',
  });
}
