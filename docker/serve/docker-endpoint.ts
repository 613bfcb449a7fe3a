import type { EndpointAnswer } from '../../lib/http/endpoint.ts';
import type { ConnectionEndpoint } from '../../lib/http/request-listener.ts';
import type { Imdsv2 } from '../../metadata/imds/check-token.ts';
import type { ConnectionCallers } from '../../metadata/workloads/connection-callers.ts';
import type { HostContainer } from '../containers/host-container.ts';
import type { HostContainers } from '../containers/host-containers.ts';
import type { ContainerGrant, RoleChoice } from '../roles/container-grant.ts';
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
  /** False: instance metadata answers a caller without a role as an EC2 instance without a role does. */
  readonly isUnknownBlocked: boolean;
  readonly log: Omit<RefusalLog, 'forget'>;
  /** Called for each request that is refused before the endpoint of a container is asked. */
  readonly onRefused: (refused: Refused) => void;
}

/** Times that an answer is made again because the role has changed meanwhile; then the caller asks again. */
const MOST_TRIES = 3;

/**
 * Endpoint of the port for containers: decides which container asks and which role it gets now, and passes
 * the request to the endpoint of that role. The role is chosen again for each request, so that the role file
 * counts at once; and before each answer, since a session may take seconds: what the file took away meanwhile
 * is not given. Never throws, and forwards nothing.
 */
export function dockerEndpoint(options: DockerEndpointOptions): ConnectionEndpoint {
  const { callers, containers, chooseRole, endpoints, imdsv2, isUnknownBlocked, log, onRefused } = options;

  function refuse(refused: Exclude<Refused, 'refused'>, form: RefusalForm): EndpointAnswer {
    onRefused(refused);
    return refusal(refused, form);
  }

  /** The container may have another name by now. */
  function choose(found: HostContainer) {
    const container = containers.byId(found.id) ?? found;
    return { container, choice: chooseRole(container) };
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
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const { container, choice } = choose(caller.workload);
      if (choice.kind === 'without-role') {
        log.withoutRole(container);
        return refuse('without-role', form);
      }
      if (choice.kind === 'refused') {
        log.refused(container, choice.reason);
        onRefused('refused');
        return roleRefusal(choice.reason, form);
      }
      if (path !== undefined && imdsv2 === 'required') return refuse('open', form);
      const own = endpoints.of(container, choice.grant);
      const answer = await (path === undefined ? own.metadata(request) : own.container(request, path));
      const now = choose(caller.workload).choice;
      if (now === choice || (now.kind === 'granted' && isSameGrant(now.grant, choice.grant))) return answer;
    }
    return refuse('unclear', form);
  };
}

function isSameGrant(one: ContainerGrant, other: ContainerGrant): boolean {
  return one.role.arn === other.role.arn && one.sessionPolicy === other.sessionPolicy;
}
