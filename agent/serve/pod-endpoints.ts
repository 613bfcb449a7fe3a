import type { SessionSource } from '../../credentials/session.ts';
import type { EndpointFacts } from '../../metadata/endpoint-facts.ts';
import type { Imdsv2 } from '../../metadata/imds/check-token.ts';
import type { TokenSurroundings } from '../../metadata/imds/token.ts';
import { instanceIdFor } from '../../metadata/instance-id.ts';
import { type WorkloadEndpoints, workloadEndpoints } from '../../metadata/workload-endpoint.ts';
import type { Grant } from '../pods/grant.ts';
import type { NodePod } from '../pods/node-pod.ts';

export interface PodEndpointsOptions {
  readonly sessionsOf: (pod: NodePod, grant: Grant) => SessionSource;
  readonly node: Pick<EndpointFacts, 'region' | 'availabilityZone' | 'availabilityZoneId' | 'startedAt'>;
  readonly imdsv2: Imdsv2;
  readonly tokens: Omit<TokenSurroundings, 'key'>;
}

/** Endpoints of the pods of a node: for each role of a pod its own, with its own session tokens of IMDSv2. */
export interface PodEndpoints {
  readonly of: (pod: NodePod, grant: Grant) => WorkloadEndpoints;
  /** Drops those of a pod that is gone. */
  readonly forget: (uid: string) => void;
}

interface Kept {
  readonly grant: Grant;
  readonly endpoints: WorkloadEndpoints;
}

const KEY_BYTES = 32;
/**
 * Most pods with endpoints; the one that has not asked for longest loses them. A node has some 500 pods at
 * most. A request that is under way when its pod ends makes endpoints that nobody drops later.
 */
const MAX_PODS = 1_024;

/**
 * Makes the endpoints of a pod at its first request. The key of its session tokens is random and belongs to
 * the pod, so the next owner of its address cannot use them. A pod has one for each container at most: if the
 * role of a container changes, it gets a new one in place of the old one.
 */
export function openPodEndpoints(options: PodEndpointsOptions): PodEndpoints {
  const byUid = new Map<string, Map<string | undefined, Kept>>();
  return {
    of: (pod, grant) => {
      const ofPod = byUid.get(pod.uid) ?? new Map<string | undefined, Kept>();
      // A Map keeps the order of insertion.
      byUid.delete(pod.uid);
      byUid.set(pod.uid, ofPod);
      const [oldest] = byUid.keys();
      if (byUid.size > MAX_PODS && oldest !== undefined) byUid.delete(oldest);
      const kept = ofPod.get(grant.container);
      if (kept && isSame(kept.grant, grant)) return kept.endpoints;
      const endpoints = makeEndpoints(options, pod, grant);
      ofPod.set(grant.container, { grant, endpoints });
      return endpoints;
    },
    forget: (uid) => byUid.delete(uid),
  };
}

function isSame(one: Grant, other: Grant): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function makeEndpoints(
  { sessionsOf, node, imdsv2, tokens }: PodEndpointsOptions,
  pod: NodePod,
  grant: Grant,
): WorkloadEndpoints {
  return workloadEndpoints({
    facts: {
      ...node,
      role: grant.target?.role ?? grant.role,
      instanceId: instanceIdFor(hostNameOf(pod.name)),
    },
    sessions: sessionsOf(pod, grant),
    imdsv2,
    tokens: { ...tokens, key: tokens.randomBytes(KEY_BYTES) },
    // The agent has decided who asks.
    access: { isOpen: true },
  });
}

const MAX_HOST_NAME = 63;

/** Returns the host name that kubelet gives a pod, by which its sidecar would make its instance ID. */
function hostNameOf(podName: string): string {
  let end = Math.min(podName.length, MAX_HOST_NAME);
  while (end > 0 && '-.'.includes(podName.charAt(end - 1))) end -= 1;
  return podName.slice(0, end);
}
