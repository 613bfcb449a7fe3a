import type { SessionSource } from '../credentials/session.ts';
import { SIDECAR_CREDENTIALS_PATH } from '../lib/contract/podrole.ts';
import type { Endpoint } from '../lib/http/endpoint.ts';
import { isContainerHost } from '../lib/http/request/allowed-host.ts';
import type { CredentialsAccess } from './container-credentials/access.ts';
import { containerCredentialsEndpoint } from './container-credentials/container-credentials-endpoint.ts';
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

/**
 * Endpoint of everything on the workload's port: instance metadata and container credentials. The redirect of
 * three addresses leads to this port, and a client may also use loopback, so the path decides which of both
 * is asked for. As on EC2, container credentials are not served for a host of instance metadata: they need no
 * session token, so `--imdsv2 required` would protect nothing. Never throws, and forwards nothing.
 */
export function workloadEndpoint(options: WorkloadEndpointOptions): Endpoint {
  const { facts, sessions, imdsv2, access } = options;
  const tokens = metadataTokens(options.tokens);
  const metadata = metadataEndpoint(facts, sessions, tokens, imdsv2);
  const container = containerCredentialsEndpoint(facts.role, sessions, access);
  return (request) => {
    const path = pathBelow(pathSegments(request.url), SIDECAR_CREDENTIALS_PATH);
    return path !== undefined && isContainerHost(request.headers.host)
      ? container(request, path)
      : metadata(request);
  };
}
