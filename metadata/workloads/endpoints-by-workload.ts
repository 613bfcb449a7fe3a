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
}

const KEY_BYTES = 32;
/**
 * Most workloads with endpoints; the one that has not asked for longest loses them. A node has some 500 pods
 * at most. A request that is under way when its workload ends makes endpoints that nobody drops later.
 */
const MAX_WORKLOADS = 1_024;

/**
 * Makes the endpoints of a workload at its first request. The key of its session tokens is random and belongs
 * to the workload, so the next owner of its address cannot use them. A part of a workload whose grant changes
 * gets new endpoints in place of the old ones.
 */
export function openEndpointsByWorkload<W, G>(
  options: EndpointsByWorkloadOptions<W, G>,
): EndpointsByWorkload<W, G> {
  const { idOf, partOf } = options;
  const byId = new Map<string, Map<string, Kept<G>>>();
  return {
    of: (workload, grant) => {
      const id = idOf(workload);
      const ofWorkload = byId.get(id) ?? new Map<string, Kept<G>>();
      // A Map keeps the order of insertion.
      byId.delete(id);
      byId.set(id, ofWorkload);
      const [oldest] = byId.keys();
      if (byId.size > MAX_WORKLOADS && oldest !== undefined) byId.delete(oldest);
      const part = partOf(grant);
      const kept = ofWorkload.get(part);
      if (kept && isSame(kept.grant, grant)) return kept.endpoints;
      const endpoints = makeEndpoints(options, workload, grant);
      ofWorkload.set(part, { grant, endpoints });
      return endpoints;
    },
    forget: (id) => void byId.delete(id),
  };
}

function isSame<G>(one: G, other: G): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function makeEndpoints<W, G>(
  { sessionsOf, factsOf, host, imdsv2, tokens }: EndpointsByWorkloadOptions<W, G>,
  workload: W,
  grant: G,
): WorkloadEndpoints {
  return workloadEndpoints({
    facts: { ...host, ...factsOf(workload, grant) },
    sessions: sessionsOf(workload, grant),
    imdsv2,
    tokens: { ...tokens, key: tokens.randomBytes(KEY_BYTES) },
    // The caller has been found already.
    access: { isOpen: true },
  });
}
