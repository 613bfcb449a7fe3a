import { CONTAINER_CREDENTIALS_JITTER_SECONDS } from '../lib/contract.ts';
import { asArray, type JsonObject } from '../lib/json.ts';
import { isTokenVolume, type OwnershipRecord } from './ownership-record.ts';
import { place, without } from './place.ts';
import {
  CONTAINER_LISTS,
  mountsVolume,
  type Named,
  nameOf,
  projectsToken,
  soleTokenOf,
} from './pod-parts.ts';

/** The volumes of a pod, as far as they hold tokens. */
export interface TokenVolumes {
  readonly volumes: readonly unknown[];
  /** Where those that podrole owns stand. */
  readonly owned: readonly number[];
  /** Token volumes that look like podrole's and are the pod's own. */
  readonly foreign: ReadonlySet<string>;
}

/** @param extraName a volume name that the settings choose */
export function tokenVolumesOf(
  volumes: readonly unknown[],
  record: OwnershipRecord | undefined,
  extraName: string | undefined,
): TokenVolumes {
  const owned: number[] = [];
  const foreign = new Set<string>();
  for (const [index, volume] of volumes.entries()) {
    const name = nameOf(volume);
    if (name === undefined || !isTokenVolume(volume, extraName)) continue;
    if (!record || record.foreignVolumes.has(name)) foreign.add(name);
    else owned.push(index);
  }
  return { volumes, owned, foreign };
}

/** Why the volume of that name can't hold the token; undefined where it can, or where there is none yet. */
export function volumeProblem({ volumes, owned }: TokenVolumes, name: string): string | undefined {
  const blocked = volumes.some(
    (volume, index) => nameOf(volume) === name && !owned.includes(index) && !projectsToken(volume),
  );
  return blocked ? `volume ${name} of the pod is not a projected ServiceAccount token` : undefined;
}

/**
 * The volumes with those that are wanted, unless the pod has one of that name itself.
 * @param spec the pod's spec with its new mounts: an owned volume that someone else mounts as well stays
 */
export function placeTokenVolumes(
  { volumes, owned }: TokenVolumes,
  wanted: readonly Named[],
  spec: JsonObject,
): readonly unknown[] {
  const others = without(volumes, owned).map(nameOf);
  // In the order in which they are there already: which container mounts what first is no reason to move one.
  const present = owned.map((index) => nameOf(volumes[index]));
  const rank = ({ name }: Named) => (present.includes(name) ? present.indexOf(name) : present.length);
  const missing = wanted
    .filter(({ name }) => !others.includes(name))
    .toSorted((one, other) => rank(one) - rank(other));
  const replaced = owned.filter((index) => {
    const name = nameOf(volumes[index]) ?? '';
    return missing.some((volume) => volume.name === name) || !isMounted(spec, name);
  });
  return place(volumes, replaced, missing, sameTokenVolume);
}

function isMounted(spec: JsonObject, volume: string): boolean {
  return CONTAINER_LISTS.some((list) =>
    asArray(spec[list])?.some((container) => mountsVolume(container, volume)),
  );
}

/** Whether they mean the same: what the API server fills in by itself (`defaultMode`) makes no difference. */
function sameTokenVolume(present: unknown, wanted: Named): boolean {
  const [is, shall] = [soleTokenOf(present), soleTokenOf(wanted)];
  return (
    nameOf(present) === wanted.name &&
    is?.['audience'] === shall?.['audience'] &&
    is?.['path'] === shall?.['path'] &&
    sameExpiration(is?.['expirationSeconds'], shall?.['expirationSeconds'])
  );
}

/** One random expiration is as good as another: drawing a new one must not change a pod that is up to date. */
function sameExpiration(present: unknown, wanted: unknown): boolean {
  return present === wanted || (isJittered(present) && isJittered(wanted));
}

function isJittered(seconds: unknown): boolean {
  const { min, max } = CONTAINER_CREDENTIALS_JITTER_SECONDS;
  return typeof seconds === 'number' && seconds >= min && seconds <= max;
}
