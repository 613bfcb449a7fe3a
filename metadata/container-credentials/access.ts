import type { IncomingHttpHeaders } from 'node:http';
import { SIDECAR_CREDENTIALS_PATH } from '../../lib/contract/podrole.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import type { EndpointAnswer } from '../../lib/http/endpoint.ts';
import { jsonError } from '../../lib/http/json-answer.ts';
import { equalInConstantTime } from '../../lib/text/equal-in-constant-time.ts';
import { type ExpectedAuthorization, isAuthorized } from './authorization.ts';

/** Secrets for which a client gets container credentials. Either of the two is enough. */
export interface CredentialsAccess {
  /** Secret path below SIDECAR_CREDENTIALS_PATH: a client that requests it needs to show nothing else. */
  readonly secretPath?: string | undefined;
  /** Values that clients of SIDECAR_CREDENTIALS_PATH must send as `Authorization`. */
  readonly authorization?: ExpectedAuthorization | undefined;
  /** True if SIDECAR_CREDENTIALS_PATH is served to everybody; counts only without the two above. */
  readonly isOpen: boolean;
}

/**
 * Returns the refusal of a request, or undefined if it may pass. On the secret path `Authorization` is
 * ignored: a forged request would leave it out, and an SDK that still has the previous token of its file
 * would be refused for no reason. A refusal is 403, never 401: on a 401 some HTTP libraries look for a
 * password.
 * @param path path of the request without empty segments: SIDECAR_CREDENTIALS_PATH or below it
 * @throws what `authorization` throws
 */
export async function accessRefusal(
  path: string,
  headers: IncomingHttpHeaders,
  { secretPath, authorization, isOpen }: CredentialsAccess,
): Promise<EndpointAnswer | undefined> {
  if (secretPath !== undefined && equalInConstantTime(path, secretPath)) return undefined;
  if (path !== SIDECAR_CREDENTIALS_PATH) {
    return jsonError(404, 'NOT_FOUND', 'podrole does not serve this path, and forwards nothing');
  }
  if (authorization) {
    return isAuthorized(headers.authorization, await authorization()) ? undefined : REFUSED;
  }
  if (secretPath !== undefined) return WITHOUT_SECRET;
  return isOpen ? undefined : CLOSED;
}

/** True if no request can get container credentials. */
export function isClosed({ secretPath, authorization, isOpen }: CredentialsAccess): boolean {
  return !isOpen && secretPath === undefined && authorization === undefined;
}

const REFUSED = jsonError(
  403,
  'AUTHORIZATION_REFUSED',
  `Authorization is missing or not the expected value; set ${ENV.containerAuthorizationToken} or its file, or request the secret path if there is one`,
);
const WITHOUT_SECRET = jsonError(
  403,
  'CREDENTIALS_PATH_REFUSED',
  `this sidecar serves container credentials at a secret path; request the whole URI of ${ENV.containerCredentialsFullUri}`,
);
const CLOSED = jsonError(
  403,
  'CREDENTIALS_NOT_SERVED',
  'with --imdsv2 required, container credentials are served only for a secret; set --credentials-path or --authorization-token-file',
);
