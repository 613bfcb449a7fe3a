import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import type { Grants } from './grants.ts';
import type { Part } from './owned-parts.ts';
import type { OwnershipRecord } from './ownership-record.ts';
import { MAX_CONTAINERS, type NamedObject, nameOf } from './pod-parts.ts';
import { type PartProblem, reconcileContainer } from './reconcile-container.ts';
import { isTokenVolumeName, type TokenVolumes, volumeProblem } from './token-volumes.ts';

export interface ContainersPlan {
  /** Undefined: no container gets anything, and each loses what is owned in it. */
  readonly grants: Grants | undefined;
  readonly tokenVolumes: TokenVolumes;
  readonly record: OwnershipRecord | undefined;
  /** Name of a token volume that the settings choose. */
  readonly extraVolume: string | undefined;
}

export interface ReconciledContainers {
  /** The same object if nothing changed. */
  readonly spec: JsonObject;
  /** Parts that podrole now owns, by container. */
  readonly parts: ReadonlyMap<string, readonly Part[]>;
  /** Volumes of the grants that a container mounts, by name. */
  readonly mounted: ReadonlyMap<string, NamedObject>;
  readonly problems: readonly Problem[];
}

/** A container that did not get all that it was to get. */
export interface Problem extends PartProblem {
  readonly container: string;
}

/**
 * Returns the spec with what the grants give to each container and init container, in place of what is owned
 * there.
 */
export function reconcileContainers(spec: JsonObject, plan: ContainersPlan): ReconciledContainers {
  const lists = (['initContainers', 'containers'] as const).map((list) => ({
    list,
    outcomes: (asArray(spec[list]) ?? []).map((item, index) => outcomeOf(item, index, plan)),
  }));
  const all = lists.flatMap(({ outcomes }) => outcomes);
  return {
    spec: lists.reduce((result, { list, outcomes }) => withOutcomes(result, list, outcomes), spec),
    parts: new Map(all.flatMap(({ name, parts }) => (parts ? [[name, parts]] : []))),
    mounted: new Map(all.flatMap(({ volumes }) => volumes.map((volume) => [volume.name, volume] as const))),
    problems: all.flatMap(({ name, problems }) => problems.map((one) => ({ ...one, container: name }))),
  };
}

/** Result for one item of a list. */
interface Outcome {
  readonly before: unknown;
  /** The same value as before if nothing changed. */
  readonly after: unknown;
  readonly name: string;
  /** Undefined if the item is not a container of the pod's user. */
  readonly parts?: readonly Part[];
  readonly volumes: readonly NamedObject[];
  readonly problems: readonly PartProblem[];
}

const NOTHING = { volumes: [], problems: [] };

function outcomeOf(item: unknown, index: number, plan: ContainersPlan): Outcome {
  const { grants, tokenVolumes, record, extraVolume } = plan;
  const container = asObject(item);
  const name = nameOf(container) ?? '';
  if (!container || record?.containers.has(name)) return { before: item, after: item, name, ...NOTHING };
  const owned = record?.parts.get(name) ?? [];
  if (index >= MAX_CONTAINERS) return { before: item, after: item, name, parts: owned, ...NOTHING };
  const { container: after, ...outcome } = reconcileContainer(container, {
    grant: grants?.of(name),
    owned,
    isTokenVolume: (volume) => isTokenVolumeName(volume, extraVolume),
    volumeProblem: (volume) => volumeProblem(tokenVolumes, volume),
  });
  return { before: item, after, name, ...outcome };
}

function withOutcomes(spec: JsonObject, list: string, outcomes: readonly Outcome[]): JsonObject {
  if (outcomes.every(({ before, after }) => before === after)) return spec;
  return { ...spec, [list]: outcomes.map(({ after }) => after) };
}
