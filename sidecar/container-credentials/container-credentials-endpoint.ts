import type { RoleArn } from '../../lib/arn.ts';
import type { Endpoint } from '../endpoint.ts';
import { rememberLast } from '../remember-last.ts';
import type { Session, SessionSource } from '../session.ts';
import { describeSessionFailure } from '../session-failure.ts';
import { type ExpectedAuthorization, isAuthorized } from './authorization.ts';
import { containerCredentialsDocument } from './container-credentials-document.ts';
import { jsonAnswer, jsonError } from './json-answer.ts';

/**
 * The container credentials, for a request whose path is SIDECAR_CREDENTIALS_PATH. Refusals: 403 where `Authorization` is missing or wrong
 * (a 401 would ask for a challenge, and some HTTP libraries would look for a password), 405, and 403, 500 and 503 that tell why there is no
 * session (`describeSessionFailure`).
 * @param expectedAuthorization undefined where none is asked for; what it throws is told as a session's failure is
 */
export function containerCredentialsEndpoint(
  role: RoleArn,
  sessions: SessionSource,
  expectedAuthorization?: ExpectedAuthorization,
): Endpoint {
  const answer = rememberLast((session: Session) => jsonAnswer(containerCredentialsDocument(session, role)));
  return async ({ method, headers }) => {
    if (method !== 'GET' && method !== 'HEAD') {
      return jsonError(405, 'METHOD_NOT_ALLOWED', 'only GET, HEAD', { Allow: 'GET, HEAD' });
    }
    try {
      if (expectedAuthorization && !isAuthorized(headers.authorization, await expectedAuthorization())) {
        return jsonError(
          403,
          'AUTHORIZATION_REFUSED',
          'Authorization is missing or not the expected value; set AWS_CONTAINER_AUTHORIZATION_TOKEN or its file',
        );
      }
      return answer(await sessions.current());
    } catch (thrown) {
      const { status, code, message } = describeSessionFailure(thrown);
      return jsonError(status, code, message);
    }
  };
}
