import { SIDECAR_CREDENTIALS_PATH } from '../lib/contract.ts';
import type { ExpectedAuthorization } from './container-credentials/authorization.ts';
import { containerCredentialsEndpoint } from './container-credentials/container-credentials-endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import type { EndpointFacts } from './endpoint-facts.ts';
import type { Imdsv2 } from './metadata/check-token.ts';
import { metadataEndpoint } from './metadata/metadata-endpoint.ts';
import { metadataTokens, type TokenSurroundings } from './metadata/token.ts';
import { isPath, pathSegments } from './path-segments.ts';
import type { SessionSource } from './session.ts';

export interface WorkloadEndpointOptions {
  readonly facts: EndpointFacts;
  readonly sessions: SessionSource;
  readonly imdsv2: Imdsv2;
  readonly tokens: TokenSurroundings;
  /** What clients of the container credentials must send; undefined where nothing is asked of them. */
  readonly expectedAuthorization?: ExpectedAuthorization | undefined;
}

/**
 * All that the workload's port serves. One port has both: the redirect of three addresses leads to it, and a client may name loopback, so
 * that the path alone says what is asked for. Never throws, and forwards nothing.
 */
export function workloadEndpoint(options: WorkloadEndpointOptions): Endpoint {
  const { facts, sessions, imdsv2, expectedAuthorization } = options;
  const tokens = metadataTokens(options.tokens);
  const metadata = metadataEndpoint(facts, sessions, tokens, imdsv2);
  const container = containerCredentialsEndpoint(facts.role, sessions, expectedAuthorization);
  return (request) => {
    const isContainer = isPath(pathSegments(request.url), SIDECAR_CREDENTIALS_PATH);
    return isContainer ? container(request) : metadata(request);
  };
}
