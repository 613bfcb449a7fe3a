import type { Socket } from 'node:net';
import { type Clock, pause } from '../../lib/clock.ts';
import type { FaultCode } from '../../lib/errors/code.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { EndpointAnswer, EndpointRequest } from '../../lib/http/endpoint.ts';
import { jsonError } from '../../lib/http/json-answer.ts';
import type { ConnectionEndpoint } from '../../lib/http/request-listener.ts';
import type { Imdsv2 } from '../../metadata/imds/check-token.ts';
import { describeSessionFailure } from '../../metadata/session-failure.ts';
import { containerPath } from '../../metadata/workload-endpoint.ts';
import type { Caller } from '../../metadata/workloads/caller.ts';
import type { ConnectionCallers } from '../../metadata/workloads/connection-callers.ts';
import type { Grant } from '../pods/grant.ts';
import type { NodePod } from '../pods/node-pod.ts';
import { refuseForeignToken } from '../tokens/token-sender.ts';
import type { AgentTokenVerifier, TokenHolder } from '../tokens/verify-agent-token.ts';
import type { PodEndpoints } from './pod-endpoints.ts';
import { type Refused, refusal } from './refusals.ts';

export interface AgentEndpointOptions {
  readonly callers: Pick<ConnectionCallers<NodePod>, 'of' | 'known'>;
  readonly endpoints: Pick<PodEndpoints, 'of'>;
  readonly tokens: AgentTokenVerifier;
  readonly imdsv2: Imdsv2;
  /** False: instance metadata answers others as an instance without a role does. */
  readonly isUnknownBlocked: boolean;
  readonly clock: Clock;
  /** Called for each request that is refused before a pod's own endpoint is asked. */
  readonly onRefused: (refused: Refused) => void;
  /** Called with the reason why a token could not be checked. */
  readonly onUnchecked: (failure: PodroleError) => void;
}

/**
 * Time for which the first request of a connection with a valid token waits for a verdict about its address.
 * SDKs give up after a second, and a pod that starts has no certain address yet.
 */
const SENDER_WAIT_MS = 200;

/** Faults of a token and its pod, which their sender may read. */
const ABOUT_TOKEN: ReadonlySet<FaultCode> = new Set<FaultCode>(['AGENT_TOKEN_REFUSED', 'NO_ROLE']);

/**
 * Endpoint of the agent's port: decides which pod asks, and passes the request to the endpoint of its role. A
 * request for container credentials that has an Authorization is decided by that token alone: an invalid one
 * is refused, also if the address has a role. Never throws, and forwards nothing.
 */
export function agentEndpoint(options: AgentEndpointOptions): ConnectionEndpoint {
  const { callers, endpoints, imdsv2, isUnknownBlocked, onRefused } = options;

  function refuse(refused: Refused, isContainer: boolean): EndpointAnswer {
    onRefused(refused);
    return refusal(refused, isContainer, !isUnknownBlocked);
  }

  /** Returns undefined if it cannot be found out now. Why is for the log: it names the API server. */
  async function holderOf(authorization: string): Promise<TokenHolder | undefined> {
    try {
      return await options.tokens.verifyAgentToken(authorization);
    } catch (thrown) {
      if (!(thrown instanceof PodroleError) || ABOUT_TOKEN.has(thrown.code)) throw thrown;
      options.onUnchecked(thrown);
      return undefined;
    }
  }

  async function byToken(
    request: EndpointRequest,
    path: string,
    connection: Socket,
    authorization: string,
  ): Promise<EndpointAnswer> {
    try {
      const holder = await holderOf(authorization);
      if (!holder) return refuse('unchecked', true);
      const { pod, grant } = holder;
      refuseForeignToken(pod, await senderOf(connection));
      return await endpoints.of(pod, grant).container(request, path);
    } catch (thrown) {
      if (!(thrown instanceof PodroleError)) throw thrown;
      const { status, code, message } = describeSessionFailure(thrown);
      return jsonError(status, code, message);
    }
  }

  const waited = new WeakSet<Socket>();

  async function senderOf(connection: Socket): Promise<Caller<NodePod>> {
    if (waited.has(connection)) return callers.known(connection) ?? NOT_KNOWN_YET;
    waited.add(connection);
    const caller = callers.of(connection);
    if (!(caller instanceof Promise)) return caller;
    const known = new AbortController();
    const late = pause(options.clock, SENDER_WAIT_MS, known.signal).then(() => NOT_KNOWN_YET);
    return Promise.race([caller, late]).finally(() => known.abort());
  }

  return async (request, connection) => {
    const path = containerPath(request);
    const { authorization } = request.headers;
    if (path !== undefined && authorization !== undefined) {
      return byToken(request, path, connection, authorization);
    }
    const found = callers.of(connection);
    const caller = found instanceof Promise ? await found : found;
    const isContainer = path !== undefined;
    if (caller.kind !== 'workload') return refuse(caller.kind, isContainer);
    const pod = caller.workload;
    const grant = grantOfAddress(pod);
    if (!grant) return refuse(pod.grants.length > 0 ? 'by-token' : 'without-role', isContainer);
    const { container, metadata } = endpoints.of(pod, grant);
    if (path === undefined) return metadata(request);
    return imdsv2 === 'required' ? refuse('open', isContainer) : container(request, path);
  };
}

const NOT_KNOWN_YET: Caller<never> = { kind: 'unclear', reason: 'not known yet' };

/** The role of the whole pod: which of its containers asks cannot be known by address. */
function grantOfAddress({ grants }: NodePod): Grant | undefined {
  return grants.find(({ container }) => container === undefined);
}
