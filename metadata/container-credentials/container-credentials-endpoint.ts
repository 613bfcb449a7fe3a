import type { Session, SessionSource } from '../../credentials/session.ts';
import type { RoleArn } from '../../lib/arn.ts';
import type { EndpointAnswer, EndpointRequest } from '../../lib/http/endpoint.ts';
import { jsonAnswer, jsonError } from '../../lib/http/json-answer.ts';
import { isForwarded } from '../forwarded.ts';
import { rememberLast } from '../remember-last.ts';
import { describeSessionFailure } from '../session-failure.ts';
import { accessRefusal, type CredentialsAccess } from './access.ts';
import { containerCredentialsDocument } from './container-credentials-document.ts';

/** Answers a request whose path is the given one: SIDECAR_CREDENTIALS_PATH or below it. Never throws. */
export type ContainerCredentialsEndpoint = (
  request: EndpointRequest,
  path: string,
) => Promise<EndpointAnswer>;

/**
 * Endpoint of the container credentials. Refusals: 403 for a request that a proxy forwarded or that lacks the
 * secret (`accessRefusal`), 404 for other paths, 405 for other methods, and 403, 500 or 503 with the reason
 * why there is no session (`describeSessionFailure`).
 * @param access an error of its `authorization` is answered like a session's failure
 */
export function containerCredentialsEndpoint(
  role: RoleArn,
  sessions: SessionSource,
  access: CredentialsAccess,
): ContainerCredentialsEndpoint {
  const answer = rememberLast((session: Session) => jsonAnswer(containerCredentialsDocument(session, role)));
  return async ({ method, headers }, path) => {
    if (method !== 'GET' && method !== 'HEAD') {
      return jsonError(405, 'METHOD_NOT_ALLOWED', 'only GET, HEAD', { Allow: 'GET, HEAD' });
    }
    if (isForwarded(headers)) return FORWARDED;
    try {
      return (await accessRefusal(path, headers, access)) ?? answer(await sessions.current());
    } catch (thrown) {
      const { status, code, message } = describeSessionFailure(thrown);
      return jsonError(status, code, message);
    }
  };
}

const FORWARDED = jsonError(
  403,
  'FORWARDED',
  'a proxy forwarded this request (X-Forwarded-For, Via or similar); send it directly, for example with NO_PROXY',
);
