import type { CredentialsAccess } from '../metadata/container-credentials/access.ts';
import { authorizationFromFile } from './authorization-file.ts';
import type { SidecarSettings } from './settings.ts';

/**
 * Reads from the settings which secret clients of the container credentials must show. Without one, everybody
 * on loopback is served, unless IMDSv2 is required: a plain GET for container credentials would make it
 * useless.
 * @throws PodroleError `UNREADABLE_FILE`, `EMPTY_FILE`, `UNUSABLE_TOKEN`
 */
export async function openCredentialsAccess(
  { imdsv2, credentialsPath, authorizationToken, authorizationTokenFile }: SidecarSettings,
  monotonicMs: () => number,
): Promise<CredentialsAccess> {
  const fixed = authorizationToken === undefined ? undefined : () => [authorizationToken];
  return {
    secretPath: credentialsPath,
    authorization:
      authorizationTokenFile === undefined
        ? fixed
        : await authorizationFromFile(authorizationTokenFile, monotonicMs),
    isOpen: imdsv2 === 'optional',
  };
}
