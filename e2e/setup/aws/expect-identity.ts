import assert from 'node:assert/strict';
import { containerOf, environmentOf, type StoredPod, type TokenProjection } from '../pods/pods.ts';

/** Web identity with default settings. */
export const TOKEN_MOUNT_PATH = '/var/run/secrets/eks.amazonaws.com/serviceaccount';

/**
 * Asserts that a container has a role through web identity: each variable once, one mount at the usual path,
 * and a volume with one token.
 * @returns the token's projection
 */
export function expectRole(pod: StoredPod, container: string, roleArn: string): TokenProjection {
  const { env = [], volumeMounts = [] } = containerOf(pod, container);
  const names = env.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, `a variable of ${container} stands twice: ${names}`);
  const { AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE } = environmentOf(pod, container);
  assert.equal(AWS_ROLE_ARN, roleArn, `role of container ${container} in pod ${pod.metadata.name}`);
  assert.equal(AWS_WEB_IDENTITY_TOKEN_FILE, `${TOKEN_MOUNT_PATH}/token`);

  const mounts = volumeMounts.filter(({ mountPath }) => mountPath === TOKEN_MOUNT_PATH);
  assert.equal(mounts.length, 1, `mounts of container ${container}`);
  assert.equal(mounts[0]?.readOnly, true);
  return tokenOf(pod, mounts[0]?.name);
}

/** Asserts that a container has no AWS variable and no token mount. */
export function expectNoRole(pod: StoredPod, container: string): void {
  const { env = [], volumeMounts = [] } = containerOf(pod, container);
  assert.deepEqual(
    env.map(({ name }) => name).filter((name) => name.startsWith('AWS_')),
    [],
    `variables of container ${container} in pod ${pod.metadata.name}`,
  );
  assert.ok(volumeMounts.every(({ mountPath }) => mountPath !== TOKEN_MOUNT_PATH));
}

/** Returns the only token of a volume. */
export function tokenOf({ spec, metadata }: StoredPod, volume: string | undefined): TokenProjection {
  const found = (spec.volumes ?? []).filter(({ name }) => name === volume);
  assert.equal(found.length, 1, `volumes named ${volume} in pod ${metadata.name}`);
  const sources = found[0]?.projected?.sources ?? [];
  assert.equal(sources.length, 1);
  const token = sources[0]?.serviceAccountToken;
  assert.ok(token, `volume ${volume} of pod ${metadata.name} projects a token`);
  return token;
}
