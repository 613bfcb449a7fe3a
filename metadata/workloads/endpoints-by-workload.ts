import { sessionDropped } from '../../credentials/pool/session-dropped.ts';
import type { SessionSource } from '../../credentials/session.ts';
import type { EndpointFacts } from '../endpoint-facts.ts';
import type { Imdsv2 } from '../imds/check-token.ts';
import type { TokenSurroundings } from '../imds/token.ts';
import { type WorkloadEndpoints, workloadEndpoints } from '../workload-endpoint.ts';

/** `W` is a workload, such as a pod; `G` is what it gets, as plain data that JSON can hold. */
export interface EndpointsByWorkloadOptions<W, G> {
  /** Returns an ID that no other workload has, also no later one. */
  readonly idOf: (workload: W) => string;
  /** Returns the part of the workload that a grant is for: it has one grant at a time. */
  readonly partOf: (grant: G) => string;
  /** Called once for endpoints that are kept. */
  readonly sessionsOf: (workload: W, grant: G) => SessionSource;
  /** Facts about the workload alone. */
  readonly factsOf: (workload: W, grant: G) => Pick<EndpointFacts, 'role' | 'instanceId'>;
  /** Facts that all workloads share. */
  readonly host: Pick<EndpointFacts, 'region' | 'availabilityZone' | 'availabilityZoneId' | 'startedAt'>;
  readonly imdsv2: Imdsv2;
  readonly tokens: Omit<TokenSurroundings, 'key'>;
}

/**
 * Endpoints of many workloads: for each part of a workload its own, with its own session tokens of IMDSv2.
 */
export interface EndpointsByWorkload<W, G> {
  readonly of: (workload: W, grant: G) => WorkloadEndpoints;
  /** Drops those of a workload that is gone. */
  readonly forget: (id: string) => void;
}

interface Kept<G> {
  readonly grant: G;
  readonly endpoints: WorkloadEndpoints;
  /** Lets its sessions end: also a request that has these endpoints already gets none any more. */
  readonly end: () => void;
}

const KEY_BYTES = 32;
/**
 * Most workloads with endpoints; the one that has not asked for longest loses them, and its session tokens. A
 * node has some 500 pods at most, a Docker host 1,023 containers in each network. A request that is under way
 * when its workload ends makes endpoints that nobody drops later.
 */
const MAX_WORKLOADS = 4_096;

/**
 * Makes the endpoints of a workload at its first request. The key of its session tokens is random and belongs
 * to the workload, so the next owner of its address cannot use them. A part of a workload whose grant changes
 * gets new endpoints in place of the old ones. From then on, the old ones give no session to a request that
 * still waits for one, and cause no exchange.
 */
export function openEndpointsByWorkload<W, G>(
  options: EndpointsByWorkloadOptions<W, G>,
): EndpointsByWorkload<W, G> {
  const { idOf, partOf } = options;
  const byId = new Map<string, Map<string, Kept<G>>>();

  function forget(id: string): void {
    const ofWorkload = byId.get(id);
    byId.delete(id);
    for (const { end } of ofWorkload?.values() ?? []) end();
  }

  return {
    of: (workload, grant) => {
      const id = idOf(workload);
      const ofWorkload = byId.get(id) ?? new Map<string, Kept<G>>();
      // A Map keeps the order of insertion.
      byId.delete(id);
      byId.set(id, ofWorkload);
      const [oldest] = byId.keys();
      if (byId.size > MAX_WORKLOADS && oldest !== undefined) forget(oldest);
      const part = partOf(grant);
      const kept = ofWorkload.get(part);
      if (kept && isSame(kept.grant, grant)) return kept.endpoints;
      kept?.end();
      const made = makeEndpoints(options, workload, grant);
      ofWorkload.set(part, made);
      return made.endpoints;
    },
    forget,
  };
}

function isSame<G>(one: G, other: G): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function makeEndpoints<W, G>(
  { sessionsOf, factsOf, host, imdsv2, tokens }: EndpointsByWorkloadOptions<W, G>,
  workload: W,
  grant: G,
): Kept<G> {
  const sessions = endable(sessionsOf(workload, grant));
  const endpoints = workloadEndpoints({
    facts: { ...host, ...factsOf(workload, grant) },
    sessions,
    imdsv2,
    tokens: { ...tokens, key: tokens.randomBytes(KEY_BYTES) },
    // The caller has been found already.
    access: { isOpen: true },
  });
  return { grant, endpoints, end: sessions.end };
}

/** Returns a source that gives no session after its end, and does not ask for one. */
function endable(sessions: SessionSource): SessionSource & { readonly end: () => void } {
  let hasEnded = false;
  const throwIfEnded = () => {
    if (hasEnded) throw sessionDropped();
  };
  return {
    current: async () => {
      throwIfEnded();
      const session = await sessions.current();
      throwIfEnded();
      return session;
    },
    end: () => {
      hasEnded = true;
    },
  };
}
