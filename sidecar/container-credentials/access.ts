import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { SIDECAR_CREDENTIALS_PATH } from '../../lib/contract/imds.ts';
import { ENV } from '../../lib/contract.ts';
import type { EndpointAnswer } from '../endpoint.ts';
import { type ExpectedAuthorization, hash, isAuthorized } from './authorization.ts';
import { jsonError } from './json-answer.ts';

/** What a client must show to get container credentials. Either of the two is enough. */
export interface CredentialsAccess {
  /** A path that nobody guesses, below SIDECAR_CREDENTIALS_PATH: who asks it has been told. */
  readonly secretPath?: string | undefined;
  /** What clients of SIDECAR_CREDENTIALS_PATH must send as `Authorization`. */
  readonly authorization?: ExpectedAuthorization | undefined;
  /** Whether SIDECAR_CREDENTIALS_PATH is served to everybody; counts only without the two above. */
  readonly isOpen: boolean;
}

/**
 * The refusal of a request by what it shows, or undefined where it may pass. On the secret path `Authorization` is not looked at: who
 * forges a request leaves it out, and an SDK that kept the former token of its file for a moment would be refused for nothing.
 * All is 403, never 401, which would ask for a challenge: some HTTP libraries would look for a password.
 * @param path the names in the request's path, joined: one of SIDECAR_CREDENTIALS_PATH or below it
 * @throws what `authorization` throws
 */
export async function refuseAccess(
  path: string,
  headers: IncomingHttpHeaders,
  { secretPath, authorization, isOpen }: CredentialsAccess,
): Promise<EndpointAnswer | undefined> {
  if (secretPath !== undefined && isSame(path, secretPath)) return undefined;
  if (path !== SIDECAR_CREDENTIALS_PATH) {
    return jsonError(404, 'NOT_FOUND', 'podrole does not serve this path, and forwards nothing');
  }
  if (authorization) {
    return isAuthorized(headers.authorization, await authorization()) ? undefined : REFUSED;
  }
  if (secretPath !== undefined) return WITHOUT_SECRET;
  return isOpen ? undefined : CLOSED;
}

/** Whether nobody gets container credentials, whatever is shown. */
export function isClosed({ secretPath, authorization, isOpen }: CredentialsAccess): boolean {
  return !isOpen && secretPath === undefined && authorization === undefined;
}

const REFUSED = jsonError(
  403,
  'AUTHORIZATION_REFUSED',
  `Authorization is missing or not the expected value; set ${ENV.containerAuthorizationToken} or its file, or ask the secret path where there is one`,
);
const WITHOUT_SECRET = jsonError(
  403,
  'CREDENTIALS_PATH_REFUSED',
  `container credentials have a secret path here; ask the whole of ${ENV.containerCredentialsFullUri}`,
);
const CLOSED = jsonError(
  403,
  'CREDENTIALS_NOT_SERVED',
  '--imdsv2 required serves container credentials only to who shows a secret; set --credentials-path or --authorization-token-file',
);

/** In constant time, for whatever lengths. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hash(one), hash(other));
}
