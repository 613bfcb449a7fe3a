import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { withoutTrailing } from '../lib/text/without-trailing.ts';
import { ENV_PARTS, type EnvGrant, type EnvPart } from './env-parts.ts';
import { type Grant, withoutVolume } from './grants.ts';
import { FURTHER_VOLUMES, type FurtherVolume, type MountedVolume } from './mounted-volume.ts';
import { FURTHER_MOUNTS, ownedMounts, ownedVariables, type Part } from './owned-parts.ts';
import { place, withList, without } from './place.ts';
import { fieldPathOf, listOf, type NamedObject, nameOf } from './pod-parts.ts';

export interface ContainerPlan {
  /** Undefined: the container gets nothing, and loses what is owned in it. */
  readonly grant: Grant | undefined;
  readonly owned: readonly Part[];
  /** Returns true if the volume name may be one of podrole's. */
  readonly isTokenVolume: (name: string) => boolean;
  /** Returns why the volume of that name cannot hold what the grant needs; undefined if it can. */
  readonly volumeProblem: (name: string) => string | undefined;
}

export interface ReconciledContainer {
  /** The same object if nothing changed. */
  readonly container: JsonObject;
  /** Parts that podrole now owns in it. */
  readonly parts: readonly Part[];
  /** Volumes of the grant that it mounts. */
  readonly volumes: readonly NamedObject[];
  readonly problems: readonly PartProblem[];
}

/** Reason why a container did not get what it was to get. */
export interface PartProblem {
  readonly problem: string;
  /** Completes "it got no ...". */
  readonly missing: 'AWS identity' | (typeof CONTENT)[FurtherVolume];
}

/** Returns a container with what its grant gives it, in place of what is owned in it. */
export function reconcileContainer(container: JsonObject, plan: ContainerPlan): ReconciledContainer {
  const env = listOf(container['env']);
  const mounts = listOf(container['volumeMounts']);
  if (!env || !mounts) return { container, parts: [], volumes: [], problems: [] };
  const ownEnv = ownedVariables(env, plan.owned);
  const ownMounts = ownedMounts(mounts, plan.owned, plan.isTokenVolume);
  const others = { names: new Set(without(env, ownEnv).map(nameOf)), mounts: without(mounts, ownMounts) };

  const wanted = wantedOf(container, plan, others);
  const newEnv = place(env, ownEnv, wanted.variables, sameVariable);
  const newMounts = place(mounts, ownMounts, wanted.mounts, sameMount);
  return {
    container: withList(withList(container, 'env', env, newEnv), 'volumeMounts', mounts, newMounts),
    parts: wanted.parts,
    volumes: wanted.volumes,
    problems: wanted.problems,
  };
}

interface Wanted extends Omit<ReconciledContainer, 'container'> {
  readonly variables: readonly NamedObject[];
  readonly mounts: readonly Grant['mount'][];
}

/** Variables and mounts of a container that podrole does not own. */
interface Others {
  readonly names: ReadonlySet<string | undefined>;
  readonly mounts: readonly unknown[];
}

const NOTHING: Wanted = { variables: [], mounts: [], parts: [], volumes: [], problems: [] };

function wantedOf(container: JsonObject, { grant, volumeProblem }: ContainerPlan, others: Others): Wanted {
  if (!grant) return NOTHING;
  const absent = (part: EnvPart) => !ENV_PARTS[part].blockedBy.some((name) => others.names.has(name));
  const credentials = grant.env.find(([part]) => ENV_PARTS[part].isCredentials);
  const hasCredentials = !credentials || !absent(credentials[0]);
  // A container that has all three itself needs nothing from podrole, not even the mount. [webhook]
  if (hasCredentials && !absent('region') && !absent('sts')) return NOTHING;

  const { name, mountPath } = grant.mount;
  const mountPresent = others.mounts.some((mount) => nameOf(mount) === name);
  const place = { path: mountPath, content: 'the token belongs' };
  const problem =
    volumeProblem(name) ?? (mountPresent ? undefined : pathProblem(container, others.mounts, place));
  if (problem !== undefined) return { ...NOTHING, problems: [{ problem, missing: 'AWS identity' }] };

  const isWritten = ([part]: EnvGrant) => absent(part) && !(hasCredentials && ENV_PARTS[part].isOfRole);
  let given = grant;
  const further: PlacedVolume[] = [];
  for (const volume of FURTHER_VOLUMES) {
    const isNeeded = given.env.some((one) => ENV_PARTS[one[0]].needs === volume && isWritten(one));
    const wanted = isNeeded ? given[volume] : undefined;
    if (!wanted) continue;
    const present = [...others.mounts, grant.mount, ...further.flatMap(({ mounts }) => mounts)];
    const placed = placeVolume(container, { kind: volume, wanted, volumeProblem }, present);
    further.push(placed);
    if (placed.problems.length > 0) given = withoutVolume(given, volume);
  }
  const written = given.env.filter(isWritten);
  return {
    variables: written.flatMap(([, variables]) => variables),
    mounts: [...(mountPresent ? [] : [grant.mount]), ...further.flatMap((placed) => placed.mounts)],
    parts: [
      ...written.map(([part]) => part),
      ...(mountPresent ? [] : (['mount'] as const)),
      ...further.flatMap((placed) => placed.mounts.map(() => FURTHER_MOUNTS[placed.kind])),
    ],
    volumes: [grant.volume, ...further.flatMap((placed) => placed.volumes)],
    problems: further.flatMap((placed) => placed.problems),
  };
}

interface PlacedVolume extends Pick<Wanted, 'mounts' | 'volumes' | 'problems'> {
  readonly kind: FurtherVolume;
}

interface VolumePlan extends Pick<ContainerPlan, 'volumeProblem'> {
  readonly kind: FurtherVolume;
  readonly wanted: MountedVolume;
}

/** Names of what the volumes hold. */
const CONTENT = { agentToken: 'token for the agent', caBundle: 'CA certificates' } as const;

/** @param mounts those that the container has or gets besides */
function placeVolume(
  container: JsonObject,
  { kind, wanted: { volume, mount }, volumeProblem }: VolumePlan,
  mounts: readonly unknown[],
): PlacedVolume {
  const isPresent = mounts.some(
    (item) => nameOf(item) === mount.name && samePath(asObject(item)?.['mountPath'], mount.mountPath),
  );
  const belongs = kind === 'caBundle' ? 'belong' : 'belongs';
  const place = { path: mount.mountPath, content: `the ${CONTENT[kind]} ${belongs}` };
  const problem =
    volumeProblem(volume.name) ?? (isPresent ? undefined : pathProblem(container, mounts, place));
  if (problem !== undefined) {
    return { kind, mounts: [], volumes: [], problems: [{ problem, missing: CONTENT[kind] }] };
  }
  return { kind, mounts: isPresent ? [] : [mount], volumes: [volume], problems: [] };
}

/**
 * Returns the collision at the mount path: the API server refuses two mounts, or a mount and a device, at one
 * path.
 */
function pathProblem(
  container: JsonObject,
  otherMounts: readonly unknown[],
  { path, content }: { readonly path: string; readonly content: string },
): string | undefined {
  for (const mount of otherMounts) {
    if (samePath(asObject(mount)?.['mountPath'], path)) {
      return `volume ${nameOf(mount)} is mounted at ${path}, where ${content}`;
    }
  }
  const devices = asArray(container['volumeDevices']) ?? [];
  const device = devices.find((item) => samePath(asObject(item)?.['devicePath'], path));
  return device === undefined ? undefined : `device ${nameOf(device)} is at ${path}, where ${content}`;
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
