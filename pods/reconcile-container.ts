import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { withoutTrailing } from '../lib/text/without-trailing.ts';
import { ENV_PARTS, type EnvPart } from './env-parts.ts';
import type { Grant } from './grants.ts';
import { ownedMount, ownedVariables, type Part } from './owned-parts.ts';
import { place, withList, without } from './place.ts';
import { fieldPathOf, listOf, type NamedObject, nameOf } from './pod-parts.ts';

export interface ContainerPlan {
  /** Undefined: the container gets nothing, and loses what is owned in it. */
  readonly grant: Grant | undefined;
  readonly owned: readonly Part[];
  /** Returns true if the volume name may be one of podrole's. */
  readonly isTokenVolume: (name: string) => boolean;
  /** Returns why the volume of that name cannot hold the token; undefined if it can. */
  readonly volumeProblem: (name: string) => string | undefined;
}

export interface ReconciledContainer {
  /** The same object if nothing changed. */
  readonly container: JsonObject;
  /** Parts that podrole now owns in it. */
  readonly parts: readonly Part[];
  /** True if the token volume is mounted. */
  readonly mounted: boolean;
  /** Reason why a container that was to get an identity did not. */
  readonly problem?: string;
}

/** Returns a container with what its grant gives it, in place of what is owned in it. */
export function reconcileContainer(container: JsonObject, plan: ContainerPlan): ReconciledContainer {
  const env = listOf(container['env']);
  const mounts = listOf(container['volumeMounts']);
  if (!env || !mounts) return { container, parts: [], mounted: false };
  const ownEnv = ownedVariables(env, plan.owned);
  const ownMounts = ownedMount(mounts, plan.owned, plan.isTokenVolume);
  const others = { names: new Set(without(env, ownEnv).map(nameOf)), mounts: without(mounts, ownMounts) };

  const wanted = wantedOf(container, plan, others);
  const newEnv = place(env, ownEnv, wanted.variables, sameVariable);
  const newMounts = place(mounts, ownMounts, wanted.mounts, sameMount);
  return {
    container: withList(withList(container, 'env', env, newEnv), 'volumeMounts', mounts, newMounts),
    parts: wanted.parts,
    mounted: wanted.mounted,
    ...(wanted.problem === undefined ? {} : { problem: wanted.problem }),
  };
}

interface Wanted {
  readonly variables: readonly NamedObject[];
  readonly mounts: readonly Grant['mount'][];
  readonly parts: readonly Part[];
  readonly mounted: boolean;
  readonly problem?: string;
}

/** Variables and mounts of a container that podrole does not own. */
interface Others {
  readonly names: ReadonlySet<string | undefined>;
  readonly mounts: readonly unknown[];
}

const NOTHING: Wanted = { variables: [], mounts: [], parts: [], mounted: false };

function wantedOf(container: JsonObject, { grant, volumeProblem }: ContainerPlan, others: Others): Wanted {
  if (!grant) return NOTHING;
  const absent = (part: EnvPart) => !ENV_PARTS[part].blockedBy.some((name) => others.names.has(name));
  const credentials = grant.env.find(([part]) => ENV_PARTS[part].isCredentials);
  const hasCredentials = !credentials || !absent(credentials[0]);
  // A container that has all three itself needs nothing from podrole, not even the mount. [webhook]
  if (hasCredentials && !absent('region') && !absent('sts')) return NOTHING;

  const { name, mountPath } = grant.mount;
  const mountPresent = others.mounts.some((mount) => nameOf(mount) === name);
  const problem =
    volumeProblem(name) ?? (mountPresent ? undefined : pathProblem(container, others.mounts, mountPath));
  if (problem !== undefined) return { ...NOTHING, problem };

  const written = grant.env.filter(([part]) => absent(part) && !(hasCredentials && ENV_PARTS[part].isOfRole));
  return {
    variables: written.flatMap(([, variables]) => variables),
    mounts: mountPresent ? [] : [grant.mount],
    parts: [...written.map(([part]) => part), ...(mountPresent ? [] : (['mount'] as const))],
    mounted: true,
  };
}

/**
 * Returns the collision at the mount path: the API server refuses two mounts, or a mount and a device, at one
 * path.
 */
function pathProblem(
  container: JsonObject,
  otherMounts: readonly unknown[],
  mountPath: string,
): string | undefined {
  for (const mount of otherMounts) {
    if (samePath(asObject(mount)?.['mountPath'], mountPath)) {
      return `volume ${nameOf(mount)} is mounted at ${mountPath}, where the token belongs`;
    }
  }
  const devices = asArray(container['volumeDevices']) ?? [];
  const device = devices.find((item) => samePath(asObject(item)?.['devicePath'], mountPath));
  return device === undefined
    ? undefined
    : `device ${nameOf(device)} is at ${mountPath}, where the token belongs`;
}

function samePath(given: unknown, path: string): boolean {
  return withoutTrailing(asText(given) ?? '', '/') === withoutTrailing(path, '/');
}

/**
 * True if both mean the same: what the API server fills in itself (`fieldRef.apiVersion`) makes no
 * difference.
 */
function sameVariable(present: unknown, wanted: NamedObject): boolean {
  const variable = asObject(present);
  return (
    variable?.['name'] === wanted.name &&
    variable['value'] === wanted['value'] &&
    fieldPathOf(variable) === fieldPathOf(wanted)
  );
}

function sameMount(present: unknown, wanted: Grant['mount']): boolean {
  const mount = asObject(present);
  return mount?.['name'] === wanted.name && mount['mountPath'] === wanted.mountPath;
}
