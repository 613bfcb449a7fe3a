import { DEFAULT_SIDECAR_PORT, SIDECAR_CREDENTIALS_PATH } from '../../lib/contract/podrole.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import { type ServerProcess, startPodrole } from '../../testing/processes/server-process.ts';
import { waitFor } from '../../testing/wait-for.ts';
import type { RoleOnRadosgw } from './role-on-radosgw.ts';

/** A path that cannot be guessed, as the UID makes it in a pod. */
export const SECRET_PATH = `${SIDECAR_CREDENTIALS_PATH}/5f0c1f6e-7d0a-4c58-9a55-0f1b2c3d4e5f`;
const FULL_URI = `http://127.0.0.1:${DEFAULT_SIDECAR_PORT}${SECRET_PATH}`;

/** Variables that point a client to the sidecar, as the webhook writes them; instance metadata needs none. */
export const LEADING_TO = {
  metadata: () => ({}),
  relativeUri: () => ({ [ENV.containerCredentialsRelativeUri]: SECRET_PATH }),
  fullUri: (tokenFile: string) => ({
    [ENV.containerCredentialsFullUri]: FULL_URI,
    [ENV.containerAuthorizationTokenFile]: tokenFile,
  }),
} as const satisfies Readonly<Record<string, (tokenFile: string) => Readonly<Record<string, string>>>>;

/**
 * Starts the shipped `podrole sidecar` for the role, with the access control of a pod, and waits for its
 * first session.
 * @param sts URL of the STS
 * @param flags further flags, such as its port
 */
export async function startSidecar(
  { roleArn, tokenFile }: RoleOnRadosgw,
  sts: string,
  flags: readonly string[],
): Promise<ServerProcess> {
  const own = ['--role-arn', roleArn, '--token-file', tokenFile, '--region', 'us-east-1'];
  const env = {
    AWS_ENDPOINT_URL_STS: sts,
    PODROLE_CREDENTIALS_PATH: SECRET_PATH,
    PODROLE_AUTHORIZATION_TOKEN_FILE: tokenFile,
  };
  const sidecar = await startPodrole(['sidecar', ...own, ...flags], { from: 'bundle', env });
  const health = `http://127.0.0.1:${sidecar.listening['metricsPort']}`;
  await waitFor(async () => (await fetch(`${health}/readyz`)).ok, 'a session of the sidecar');
  return sidecar;
}
