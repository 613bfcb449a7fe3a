import { instanceIdFor } from '../../metadata/instance-id.ts';
import {
  type EndpointsByWorkload,
  type EndpointsByWorkloadOptions,
  openEndpointsByWorkload,
} from '../../metadata/workloads/endpoints-by-workload.ts';
import type { Grant } from '../pods/grant.ts';
import type { NodePod } from '../pods/node-pod.ts';

export type PodEndpoints = EndpointsByWorkload<NodePod, Grant>;

export type PodEndpointsOptions = Pick<
  EndpointsByWorkloadOptions<NodePod, Grant>,
  'sessionsOf' | 'host' | 'imdsv2' | 'tokens'
>;

/** Endpoints of the pods of a node. A pod has one for each container at most, and one for all of them. */
export function openPodEndpoints(options: PodEndpointsOptions): PodEndpoints {
  return openEndpointsByWorkload({
    ...options,
    idOf: ({ uid }) => uid,
    partOf: ({ container = '' }) => container,
    factsOf: ({ name }, { role, target }) => ({
      role: target?.role ?? role,
      instanceId: instanceIdFor(hostNameOf(name)),
    }),
  });
}

const MAX_HOST_NAME = 63;

/** Returns the host name that kubelet gives a pod, by which its sidecar would make its instance ID. */
function hostNameOf(podName: string): string {
  let end = Math.min(podName.length, MAX_HOST_NAME);
  while (end > 0 && '-.'.includes(podName.charAt(end - 1))) end -= 1;
  return podName.slice(0, end);
}
