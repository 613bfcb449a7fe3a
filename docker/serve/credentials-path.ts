import { SIDECAR_CREDENTIALS_PATH } from '../../lib/contract/podrole.ts';
import type { EndpointRequest } from '../../lib/http/endpoint.ts';
import { isContainerHost } from '../../lib/http/request/allowed-host.ts';
import { pathBelow, pathSegments } from '../../metadata/path-segments.ts';
import { containerPath } from '../../metadata/workload-endpoint.ts';

/**
 * Paths with which images were built for other servers at 169.254.170.2: that of the ECS agent, which has an
 * ID below it, and that of amazon-ecs-local-container-endpoints. Here the caller decides about the role, so
 * all of them have the same answer.
 */
const OTHER_SERVERS = ['/v2/credentials', '/creds'] as const;

/**
 * Returns the path of a request for container credentials, as podrole itself names it; undefined for a
 * request for instance metadata.
 */
export function credentialsPath(request: EndpointRequest): string | undefined {
  const own = containerPath(request);
  if (own !== undefined || !isContainerHost(request.headers.host)) return own;
  const segments = pathSegments(request.url);
  const isOther = OTHER_SERVERS.some((path) => pathBelow(segments, path) !== undefined);
  return isOther ? SIDECAR_CREDENTIALS_PATH : undefined;
}
