import { AGENT_TOKEN, CA_BUNDLE } from '../lib/contract/podrole.ts';
import { asObject } from '../lib/json/json.ts';
import { isAgentVolumeName } from './agent-token.ts';
import { ENV_PARTS, type EnvPart } from './env-parts.ts';
import type { FurtherVolume } from './mounted-volume.ts';
import { nameOf } from './pod-parts.ts';

/** Parts that podrole can own in a container. */
export type Part = EnvPart | MountPart;

type MountPart = 'mount' | FurtherMount;
type FurtherMount = (typeof FURTHER_MOUNTS)[FurtherVolume];

/** Part that stands for the mount of a further volume. */
export const FURTHER_MOUNTS = { agentToken: 'agent-mount', caBundle: 'ca-mount' } as const satisfies Record<
  FurtherVolume,
  string
>;

export const MOUNT_PARTS: readonly MountPart[] = ['mount', ...Object.values(FURTHER_MOUNTS)];

/**
 * Returns the indices of the variables that belong to the owned parts of a container. Only the first variable
 * of a name can be podrole's: it never adds a second one.
 */
export function ownedVariables(env: readonly unknown[], parts: readonly Part[]): number[] {
  return parts.flatMap((part) => (isEnvPart(part) ? ownedOf(env, part) : [])).sort((a, b) => a - b);
}

function isEnvPart(part: Part): part is EnvPart {
  return Object.hasOwn(ENV_PARTS, part);
}

function ownedOf(env: readonly unknown[], part: EnvPart): number[] {
  const { variables, ownedIf } = ENV_PARTS[part];
  const found = Object.entries(variables).map(([name, isOurs]) => {
    const index = env.findIndex((variable) => nameOf(variable) === name);
    return { index, ours: index >= 0 && isOurs(asObject(env[index]) ?? {}) };
  });
  const expected = {
    all: found,
    'all-present': found.filter(({ index }) => index >= 0),
    each: [],
  }[ownedIf];
  if (!expected.every(({ ours }) => ours)) return [];
  return found.filter(({ ours }) => ours).map(({ index }) => index);
}

/** Returns the indices of the owned mounts. */
export function ownedMounts(
  mounts: readonly unknown[],
  parts: readonly Part[],
  isTokenVolume: (name: string) => boolean,
): number[] {
  const token = parts.includes('mount') ? lastMount(mounts, isTokenVolume) : [];
  // podrole mounts it at one path only: at another one, the mount is the user's.
  const isCaBundle = (name: string, mountPath: unknown) =>
    name === CA_BUNDLE.volumeName && mountPath === CA_BUNDLE.mountPath;
  const caBundle = parts.includes('ca-mount') ? lastMount(mounts, isCaBundle) : [];
  const isAgentToken = (name: string, mountPath: unknown) =>
    isAgentVolumeName(name) && mountPath === AGENT_TOKEN.mountPath;
  const agentToken = parts.includes('agent-mount') ? lastMount(mounts, isAgentToken) : [];
  return [...token, ...agentToken, ...caBundle].sort((a, b) => a - b);
}

/** Returns the index of the last mount that podrole may have appended. */
function lastMount(
  mounts: readonly unknown[],
  isOurs: (volume: string, mountPath: unknown) => boolean,
): number[] {
  const index = mounts.findLastIndex((item) => {
    const mount = asObject(item);
    const name = nameOf(mount);
    return (
      name !== undefined &&
      isOurs(name, mount?.['mountPath']) &&
      mount?.['readOnly'] === true &&
      !mount['subPath']
    );
  });
  return index < 0 ? [] : [index];
}
