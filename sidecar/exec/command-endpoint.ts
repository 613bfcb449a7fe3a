import type { SessionSource } from '../../credentials/session.ts';
import type { RoleArn } from '../../lib/arn.ts';
import type { Endpoint } from '../../lib/http/endpoint.ts';
import { jsonError } from '../../lib/http/json-answer.ts';
import { containerCredentialsEndpoint } from '../../metadata/container-credentials/container-credentials-endpoint.ts';
import { containerPath } from '../../metadata/workload-endpoint.ts';

/** Returns an endpoint that serves container credentials alone, to clients that send the token. */
export function commandEndpoint(role: RoleArn, sessions: SessionSource, token: string): Endpoint {
  const answer = containerCredentialsEndpoint(role, sessions, {
    authorization: () => [token],
    isOpen: false,
  });
  return async (request) => {
    const path = containerPath(request);
    return path === undefined ? NOT_FOUND : answer(request, path);
  };
}

const NOT_FOUND = jsonError(404, 'NOT_FOUND', 'podrole does not serve this path, and forwards nothing');
