import { DEFAULT_SIDECAR_PORT, SIDECAR_CREDENTIALS_PATH } from '../../lib/contract.ts';
import { type ServerProcess, startPodrole } from '../../testing/server-process.ts';
import { waitFor } from '../../testing/wait-for.ts';
import type { RoleOnRadosgw } from './role-on-radosgw.ts';

/** Variables that lead a client to the sidecar; instance metadata need none. */
export const LEADING_TO = {
  metadata: {},
  relativeUri: { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: SIDECAR_CREDENTIALS_PATH },
  fullUri: {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${DEFAULT_SIDECAR_PORT}${SIDECAR_CREDENTIALS_PATH}`,
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Starts the shipped `podrole sidecar` for the role, and waits for its first session.
 * @param sts URL of the STS
 * @param flags e.g. its port
 */
export async function startSidecar(
  { roleArn, tokenFile }: RoleOnRadosgw,
  sts: string,
  flags: readonly string[],
): Promise<ServerProcess> {
  const own = ['--role-arn', roleArn, '--token-file', tokenFile, '--region', 'us-east-1'];
  const env = { AWS_ENDPOINT_URL_STS: sts };
  const sidecar = await startPodrole(['sidecar', ...own, ...flags], { from: 'bundle', env });
  const health = `http://127.0.0.1:${sidecar.listening['metricsPort']}`;
  await waitFor(async () => (await fetch(`${health}/readyz`)).ok, 'a session of the sidecar');
  return sidecar;
}
