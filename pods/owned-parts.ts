import { asObject } from '../lib/json/json.ts';
import { ENV_PARTS, type EnvPart } from './env-parts.ts';
import { nameOf } from './pod-parts.ts';

/** Parts that podrole can own in a container. */
export type Part = EnvPart | 'mount';

/**
 * Returns the indices of the variables that belong to the owned parts of a container. Only the first variable
 * of a name can be podrole's: it never adds a second one.
 */
export function ownedVariables(env: readonly unknown[], parts: readonly Part[]): number[] {
  return parts.flatMap((part) => (part === 'mount' ? [] : ownedOf(env, part))).sort((a, b) => a - b);
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

/**
 * Returns the index of the owned mount, if there is one. It is the last of its kind, since podrole appends
 * it.
 */
export function ownedMount(
  mounts: readonly unknown[],
  parts: readonly Part[],
  isTokenVolume: (name: string) => boolean,
): number[] {
  if (!parts.includes('mount')) return [];
  const index = mounts.findLastIndex((item) => {
    const mount = asObject(item);
    const name = nameOf(mount);
    return name !== undefined && isTokenVolume(name) && mount?.['readOnly'] === true && !mount['subPath'];
  });
  return index < 0 ? [] : [index];
}
