import { DNS_LABEL_MAX_LENGTH } from '../lib/contract/kubernetes.ts';
import { AGENT_TOKEN, SIDECAR_CREDENTIALS_PATH } from '../lib/contract/podrole.ts';
import { ENV } from '../lib/contract/sdk.ts';
import { cutWithHash } from '../lib/text/cut-with-hash.ts';
import { type EnvGrant, literalPart } from './env-parts.ts';
import type { MountedVolume } from './mounted-volume.ts';

/**
 * Returns volume and mount of the token that a container shows the agent of its node.
 * @param container the one with a role of its own that alone may show the token; undefined for the token of
 * the pod's role
 */
export function agentTokenGrant(container: string | undefined, expirationSeconds: number): MountedVolume {
  const { path, mountPath } = AGENT_TOKEN;
  const [name, audience] =
    container === undefined
      ? [AGENT_TOKEN.volumeName, AGENT_TOKEN.audience]
      : [
          cutWithHash(`${AGENT_TOKEN.volumeName}-${container}`, DNS_LABEL_MAX_LENGTH),
          `${AGENT_TOKEN.audience}/${container}`,
        ];
  const serviceAccountToken = { audience, expirationSeconds, path };
  return {
    volume: { name, projected: { sources: [{ serviceAccountToken }] } },
    mount: { name, readOnly: true, mountPath },
  };
}

/**
 * Returns the variables that lead SDKs to the agent. Those that do not know the token file ask without a
 * token, and the agent goes by their address.
 */
export function agentPart(): EnvGrant {
  return literalPart('agent', {
    [ENV.containerCredentialsRelativeUri]: SIDECAR_CREDENTIALS_PATH,
    [ENV.containerAuthorizationTokenFile]: `${AGENT_TOKEN.mountPath}/${AGENT_TOKEN.path}`,
  });
}

/** True for the name of a volume with such a token. */
export function isAgentVolumeName(name: string): boolean {
  return name === AGENT_TOKEN.volumeName || name.startsWith(`${AGENT_TOKEN.volumeName}-`);
}
