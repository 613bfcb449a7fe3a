import type { EndpointAnswer } from '../../lib/http/endpoint.ts';
import type { ConnectionEndpoint } from '../../lib/http/request-listener.ts';
import type { Imdsv2 } from '../../metadata/imds/check-token.ts';
import type { ConnectionCallers } from '../../metadata/workloads/connection-callers.ts';
import type { HostContainer } from '../containers/host-container.ts';
import type { HostContainers } from '../containers/host-containers.ts';
import type { RoleChoice } from '../roles/container-grant.ts';
import type { ContainerEndpoints } from './container-endpoints.ts';
import { credentialsPath } from './credentials-path.ts';
import type { RefusalLog } from './refusal-log.ts';
import { type RefusalForm, type Refused, refusal, roleRefusal } from './refusals.ts';

export interface DockerEndpointOptions {
  readonly callers: Pick<ConnectionCallers<HostContainer>, 'of'>;
  readonly containers: Pick<HostContainers, 'byId'>;
  readonly chooseRole: (container: HostContainer) => RoleChoice;
  readonly endpoints: Pick<ContainerEndpoints, 'of'>;
  readonly imdsv2: Imdsv2;
  /** False: instance metadata answers others as an instance without a role does. */
  readonly isUnknownBlocked: boolean;
  readonly log: Omit<RefusalLog, 'forget'>;
  /** Called for each request that is refused before the endpoint of a container is asked. */
  readonly onRefused: (refused: Refused) => void;
}

/**
 * Endpoint of the port for containers: decides which container asks and which role it gets now, and passes
 * the request to the endpoint of that role. The role is chosen again for each request, so that the role file
 * counts at once. Never throws, and forwards nothing.
 */
export function dockerEndpoint(options: DockerEndpointOptions): ConnectionEndpoint {
  const { callers, containers, chooseRole, endpoints, imdsv2, isUnknownBlocked, log, onRefused } = options;

  function refuse(refused: Exclude<Refused, 'refused'>, form: RefusalForm): EndpointAnswer {
    onRefused(refused);
    return refusal(refused, form);
  }

  return async (request, connection) => {
    const path = credentialsPath(request);
    const form = { isContainer: path !== undefined, isHidden: !isUnknownBlocked };
    const found = callers.of(connection);
    const caller = found instanceof Promise ? await found : found;
    if (caller.kind !== 'workload') {
      log.unknown(caller.kind, caller.reason);
      return refuse(caller.kind, form);
    }
    // It may have another name by now.
    const container = containers.byId(caller.workload.id) ?? caller.workload;
    const choice = chooseRole(container);
    if (choice.kind === 'without-role') {
      log.withoutRole(container);
      return refuse('without-role', form);
    }
    if (choice.kind === 'refused') {
      log.refused(container, choice.reason);
      onRefused('refused');
      return roleRefusal(choice.reason, form);
    }
    const own = endpoints.of(container, choice.grant);
    if (path === undefined) return own.metadata(request);
    return imdsv2 === 'required' ? refuse('open', form) : own.container(request, path);
  };
}
