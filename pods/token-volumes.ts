import {
  CONTAINER_CREDENTIALS_JITTER_SECONDS,
  DEFAULT_CONTAINER_CREDENTIALS,
  WEB_IDENTITY_VOLUME,
} from '../lib/contract/aws-webhook.ts';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import type { OwnershipRecord } from './ownership-record.ts';
import { place } from './place.ts';
import { CONTAINER_LISTS, type NamedObject, nameOf, projectsToken, soleTokenOf } from './pod-parts.ts';

/** The volumes of a pod, as far as they hold tokens. */
export interface TokenVolumes {
  readonly volumes: readonly unknown[];
  /** Where those that podrole owns stand. */
  readonly owned: readonly number[];
  /** Token volumes that look like podrole's and are the pod's own. */
  readonly foreign: ReadonlySet<string>;
  /** Names of the volumes that are not podrole's. */
  readonly others: ReadonlySet<string>;
  /** Names of those among them that project no ServiceAccount token. */
  readonly blocked: ReadonlySet<string>;
}

/** @param extraName a volume name that the settings choose */
export function tokenVolumesOf(
  volumes: readonly unknown[],
  record: OwnershipRecord | undefined,
  extraName: string | undefined,
): TokenVolumes {
  const owned: number[] = [];
  const foreign = new Set<string>();
  const others = new Set<string>();
  const blocked = new Set<string>();
  for (const [index, volume] of volumes.entries()) {
    const name = nameOf(volume);
    if (name === undefined) continue;
    const looksOurs = isTokenVolume(volume, extraName);
    if (looksOurs && record && !record.foreignVolumes.has(name)) {
      owned.push(index);
      continue;
    }
    others.add(name);
    if (looksOurs) foreign.add(name);
    if (!projectsToken(volume)) blocked.add(name);
  }
  return { volumes, owned, foreign, others, blocked };
}

/** Token volumes that podrole may have put into a pod: by name, shape, and not the pod's own. */
function isTokenVolume(volume: unknown, extraName: string | undefined): boolean {
  const name = nameOf(volume);
  return name !== undefined && isTokenVolumeName(name, extraName) && soleTokenOf(volume) !== undefined;
}

export function isTokenVolumeName(name: string, extraName: string | undefined): boolean {
  return (
    name === WEB_IDENTITY_VOLUME ||
    name.startsWith(`${WEB_IDENTITY_VOLUME}-`) ||
    name === DEFAULT_CONTAINER_CREDENTIALS.volumeName ||
    name === extraName
  );
}

/** Why the volume of that name can't hold the token; undefined where it can, or where there is none yet. */
export function volumeProblem({ blocked }: TokenVolumes, name: string): string | undefined {
  return blocked.has(name) ? `volume ${name} of the pod is not a projected ServiceAccount token` : undefined;
}

/**
 * The volumes with those that are wanted, unless the pod has one of that name itself.
 * @param spec the pod's spec with its new mounts: an owned volume that someone else mounts as well stays
 */
export function placeTokenVolumes(
  { volumes, owned, others }: TokenVolumes,
  wanted: readonly NamedObject[],
  spec: JsonObject,
): readonly unknown[] {
  // In the order in which they are there already: a volume is not moved because another container mounts it first.
  const present = new Map(owned.map((index, place) => [nameOf(volumes[index]), place]));
  const rank = ({ name }: NamedObject) => present.get(name) ?? owned.length;
  const missing = wanted
    .filter(({ name }) => !others.has(name))
    .toSorted((one, other) => rank(one) - rank(other));
  const missingNames = new Set(missing.map(({ name }) => name));
  const mounted = owned.length > 0 ? mountedVolumes(spec) : missingNames;
  const replaced = owned.filter((index) => {
    const name = nameOf(volumes[index]) ?? '';
    return missingNames.has(name) || !mounted.has(name);
  });
  return place(volumes, replaced, missing, sameTokenVolume);
}

function mountedVolumes(spec: JsonObject): ReadonlySet<string | undefined> {
  const names = new Set<string | undefined>();
  for (const list of CONTAINER_LISTS) {
    for (const container of asArray(spec[list]) ?? []) {
      for (const mount of asArray(asObject(container)?.['volumeMounts']) ?? []) names.add(nameOf(mount));
    }
  }
  return names;
}

/** Whether they mean the same: what the API server fills in by itself (`defaultMode`) makes no difference. */
function sameTokenVolume(present: unknown, wanted: NamedObject): boolean {
  const [actual, desired] = [soleTokenOf(present), soleTokenOf(wanted)];
  return (
    nameOf(present) === wanted.name &&
    actual?.['audience'] === desired?.['audience'] &&
    actual?.['path'] === desired?.['path'] &&
    sameExpiration(actual?.['expirationSeconds'], desired?.['expirationSeconds'])
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
