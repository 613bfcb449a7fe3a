import { instanceIdFor } from '../../metadata/instance-id.ts';
import {
  type EndpointsByWorkload,
  type EndpointsByWorkloadOptions,
  openEndpointsByWorkload,
} from '../../metadata/workloads/endpoints-by-workload.ts';
import type { HostContainer } from '../containers/host-container.ts';
import type { ContainerGrant } from '../roles/container-grant.ts';

export type ContainerEndpoints = EndpointsByWorkload<HostContainer, ContainerGrant>;

export type ContainerEndpointsOptions = Pick<
  EndpointsByWorkloadOptions<HostContainer, ContainerGrant>,
  'sessionsOf' | 'host' | 'imdsv2' | 'tokens'
>;

/** Endpoints of the containers of a host. A container has one role at a time. */
export function openContainerEndpoints(options: ContainerEndpointsOptions): ContainerEndpoints {
  return openEndpointsByWorkload({
    ...options,
    idOf: ({ id }) => id,
    partOf: () => '',
    factsOf: ({ id }, { role }) => ({ role, instanceId: instanceIdFor(id) }),
  });
}
