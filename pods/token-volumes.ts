import {
  CONTAINER_CREDENTIALS_JITTER_SECONDS,
  DEFAULT_CONTAINER_CREDENTIALS,
  WEB_IDENTITY_VOLUME,
} from '../lib/contract/aws-webhook.ts';
import { CA_BUNDLE } from '../lib/contract/podrole.ts';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import { isAgentVolumeName } from './agent-token.ts';
import { isCaBundleVolume, sameCaBundle } from './ca-bundle.ts';
import type { OwnershipRecord } from './ownership-record.ts';
import { place } from './place.ts';
import { CONTAINER_LISTS, type NamedObject, nameOf, projectsToken, soleTokenOf } from './pod-parts.ts';

/** The volumes of a pod, and which of them hold tokens or the CA certificates. */
export interface TokenVolumes {
  readonly volumes: readonly unknown[];
  /** Indices of the volumes that podrole owns. */
  readonly owned: readonly number[];
  /** Names of volumes that look like podrole's but belong to the pod. */
  readonly foreign: ReadonlySet<string>;
  /** Names of the volumes that podrole does not own. */
  readonly others: ReadonlySet<string>;
  /** Names of those among them that do not hold a token, or the CA certificates. */
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
    const looksOurs = isOurTokenVolume(volume, extraName) || isCaBundleVolume(volume);
    if (looksOurs && record && !record.foreignVolumes.has(name)) {
      owned.push(index);
      continue;
    }
    others.add(name);
    if (looksOurs) foreign.add(name);
    if (!(name === CA_BUNDLE.volumeName ? isCaBundleVolume : projectsToken)(volume)) blocked.add(name);
  }
  return { volumes, owned, foreign, others, blocked };
}

/** True for a volume that podrole may have put into a pod, by its name and shape. */
function isOurTokenVolume(volume: unknown, extraName: string | undefined): boolean {
  const name = nameOf(volume);
  const isOurName = name !== undefined && (isTokenVolumeName(name, extraName) || isAgentVolumeName(name));
  return isOurName && soleTokenOf(volume) !== undefined;
}

/** True for the name of a volume with a token that is exchanged for credentials. */
export function isTokenVolumeName(name: string, extraName: string | undefined): boolean {
  return (
    name === WEB_IDENTITY_VOLUME ||
    name.startsWith(`${WEB_IDENTITY_VOLUME}-`) ||
    name === DEFAULT_CONTAINER_CREDENTIALS.volumeName ||
    name === extraName
  );
}

/**
 * Returns why the volume of that name cannot hold the token, or the CA certificates; undefined if it can, or
 * if there is none yet.
 */
export function volumeProblem({ blocked }: TokenVolumes, name: string): string | undefined {
  if (!blocked.has(name)) return undefined;
  const wanted =
    name === CA_BUNDLE.volumeName
      ? `a ConfigMap with the one file ${CA_BUNDLE.file}`
      : 'a projected ServiceAccount token';
  return `volume ${name} of the pod is not ${wanted}`;
}

/**
 * Returns the volumes with the wanted ones, except those whose name the pod uses for a volume of its own.
 * @param spec the pod's spec with its new mounts: an owned volume that someone else mounts too stays
 */
export function placeTokenVolumes(
  { volumes, owned, others }: TokenVolumes,
  wanted: readonly NamedObject[],
  spec: JsonObject,
): readonly unknown[] {
  // In their present order: a volume does not move because another container mounts it first. Those that only
  // some modes or settings add come after the others.
  const present = new Map(owned.map((index, place) => [nameOf(volumes[index]), place]));
  const rank = ({ name }: NamedObject) => present.get(name) ?? owned.length;
  const missing = wanted
    .filter(({ name }) => !others.has(name))
    .toSorted((one, other) => groupOf(one) - groupOf(other) || rank(one) - rank(other));
  const missingNames = new Set(missing.map(({ name }) => name));
  const mounted = owned.length > 0 ? mountedVolumes(spec) : missingNames;
  const replaced = owned.filter((index) => {
    const name = nameOf(volumes[index]) ?? '';
    return missingNames.has(name) || !mounted.has(name);
  });
  return place(volumes, replaced, missing, sameVolume);
}

function groupOf({ name }: NamedObject): number {
  if (name === CA_BUNDLE.volumeName) return 2;
  return isAgentVolumeName(name) ? 1 : 0;
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

/** True if both mean the same: what the API server fills in itself (`defaultMode`) makes no difference. */
function sameVolume(present: unknown, wanted: NamedObject): boolean {
  if (wanted.name === CA_BUNDLE.volumeName) return sameCaBundle(present, wanted);
  const [actual, desired] = [soleTokenOf(present), soleTokenOf(wanted)];
  return (
    nameOf(present) === wanted.name &&
    actual?.['audience'] === desired?.['audience'] &&
    actual?.['path'] === desired?.['path'] &&
    sameExpiration(actual?.['expirationSeconds'], desired?.['expirationSeconds'])
  );
}

/** One random expiration is as good as another: a new one must not change a pod that is up to date. */
function sameExpiration(present: unknown, wanted: unknown): boolean {
  return present === wanted || (isJittered(present) && isJittered(wanted));
}

function isJittered(seconds: unknown): boolean {
  const { min, max } = CONTAINER_CREDENTIALS_JITTER_SECONDS;
  return typeof seconds === 'number' && seconds >= min && seconds <= max;
}
