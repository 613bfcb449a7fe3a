import type { SessionSource } from '../credentials/session.ts';
import { SIDECAR_CREDENTIALS_PATH } from '../lib/contract/podrole.ts';
import type { Endpoint, EndpointRequest } from '../lib/http/endpoint.ts';
import { isContainerHost } from '../lib/http/request/allowed-host.ts';
import type { CredentialsAccess } from './container-credentials/access.ts';
import {
  type ContainerCredentialsEndpoint,
  containerCredentialsEndpoint,
} from './container-credentials/container-credentials-endpoint.ts';
import type { EndpointFacts } from './endpoint-facts.ts';
import type { Imdsv2 } from './imds/check-token.ts';
import { metadataEndpoint } from './imds/metadata-endpoint.ts';
import { metadataTokens, type TokenSurroundings } from './imds/token.ts';
import { pathBelow, pathSegments } from './path-segments.ts';

export interface WorkloadEndpointOptions {
  readonly facts: EndpointFacts;
  readonly sessions: SessionSource;
  readonly imdsv2: Imdsv2;
  readonly tokens: TokenSurroundings;
  /** Secret that clients of the container credentials must show. */
  readonly access: CredentialsAccess;
}

/** Both endpoints of a workload. */
export interface WorkloadEndpoints {
  readonly metadata: Endpoint;
  readonly container: ContainerCredentialsEndpoint;
}

export function workloadEndpoints(options: WorkloadEndpointOptions): WorkloadEndpoints {
  const { facts, sessions, imdsv2, access } = options;
  return {
    metadata: metadataEndpoint(facts, sessions, metadataTokens(options.tokens), imdsv2),
    container: containerCredentialsEndpoint(facts.role, sessions, access),
  };
}

/**
 * Returns the path of a request for container credentials; undefined for a request for instance metadata. The
 * redirect of several addresses leads to one port, and a client may also use loopback, so the path decides
 * which of both is asked for. As on EC2, container credentials are not served for a host of instance
 * metadata: they need no session token, so `--imdsv2 required` would protect nothing.
 */
export function containerPath({ url, headers }: EndpointRequest): string | undefined {
  const path = pathBelow(pathSegments(url), SIDECAR_CREDENTIALS_PATH);
  return path !== undefined && isContainerHost(headers.host) ? path : undefined;
}

/** Endpoint of everything on the port of one workload. Never throws, and forwards nothing. */
export function workloadEndpoint(options: WorkloadEndpointOptions): Endpoint {
  const { metadata, container } = workloadEndpoints(options);
  return (request) => {
    const path = containerPath(request);
    return path === undefined ? metadata(request) : container(request, path);
  };
}
