import type { PodIdentity } from '../identity/pod-identity.ts';
import { warningLine } from '../identity/warning.ts';
import { POD_IDENTITY_LABEL, POD_IDENTITY_LABEL_VALUE } from '../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import { type Grants, grantsOf } from './grants.ts';
import { formatOwnership, isTokenVolumeName, type Part, readOwnership } from './ownership-record.ts';
import { withList } from './place.ts';
import {
  type CONTAINER_LISTS,
  listOf,
  MAX_CONTAINERS,
  mountsVolume,
  type Named,
  nameOf,
  podNameForWarnings,
} from './pod-parts.ts';
import { reconcileContainer } from './reconcile-container.ts';
import { type SidecarContainers, sidecarContainers } from './sidecar/containers.ts';
import { placeSidecar } from './sidecar/place-sidecar.ts';
import { type PlannedSidecar, planSidecar, type SidecarPlan } from './sidecar/plan.ts';
import { placeTokenVolumes, type TokenVolumes, tokenVolumesOf, volumeProblem } from './token-volumes.ts';

export interface MutateOptions {
  /** Writes down in `podrole.dev/injected` what was put into the pod, so that a later run can bring it up to date. */
  readonly recordOwnership?: boolean;
  /**
   * Most characters that the pod's name can have where the pod has neither name nor generateName, as in a Deployment's template.
   * Decides how much of the namespace the session name has room for; default 63.
   */
  readonly podNameMaxLength?: number;
}

export interface MutatedPod {
  /** The same object where nothing changed; unchanged parts are the same objects in any case. */
  readonly pod: JsonObject;
  /** Admission warnings, one line each, under 256 characters. */
  readonly warnings: readonly string[];
}

/**
 * The pod with its identity: token volume, mounts and variables. Pure and idempotent; never throws on a malformed pod,
 * whose malformed parts stay as they are. What the pod has of itself is not touched; what `podrole.dev/injected` says is
 * podrole's is brought up to date.
 * @param pod the raw object (or a pod template: anything with `metadata` and `spec`)
 */
export function mutatePod(pod: JsonObject, identity: PodIdentity, options: MutateOptions = {}): MutatedPod {
  return reconcilePod(pod, identity, options);
}

/** As mutatePod; without an identity what podrole owns is taken out. */
export function reconcilePod(
  pod: JsonObject,
  identity: PodIdentity | undefined,
  options: MutateOptions,
): MutatedPod {
  const spec = asObject(pod['spec']);
  const volumes = listOf(spec?.['volumes']);
  const record = readOwnership(pod);
  if (!spec || !volumes || !(identity || record)) return { pod, warnings: [] };
  const recorded = record !== undefined || options.recordOwnership === true;
  const ownContainers = record?.containers ?? NO_NAMES;
  const { plan, warnings } = sidecarOf(identity, pod, ownContainers);

  const extraName = identity?.kind === 'container-credentials' ? identity.token.volumeName : undefined;
  const run: Run = {
    grants:
      identity &&
      grantsOf(identity, pod, {
        podNameMaxLength: options.podNameMaxLength,
        sidecar: plan?.access,
      }),
    tokenVolumes: tokenVolumesOf(volumes, record, extraName),
    owned: record?.parts,
    ownContainers,
    isTokenVolume: (name) => isTokenVolumeName(name, extraName),
    parts: new Map(),
    mounted: new Map(),
    problems: [],
  };
  const others = reconcileList(reconcileList(spec, 'initContainers', run), 'containers', run);
  const sidecar = placeSidecar(
    others,
    plan ? addedContainers(plan, others, run) : NO_CONTAINERS,
    ownContainers,
  );
  const wanted = wantedVolumes(identity, run, recorded);
  const newVolumes = placeTokenVolumes(run.tokenVolumes, wanted, sidecar.spec);
  const newSpec = withList(sidecar.spec, 'volumes', volumes, newVolumes);

  let mutated = newSpec === spec ? pod : { ...pod, spec: newSpec };
  if (identity?.kind === 'container-credentials' && wanted.length > 0) {
    mutated = withMetadata(mutated, 'labels', POD_IDENTITY_LABEL, POD_IDENTITY_LABEL_VALUE);
  }
  if (recorded) {
    const owned = { parts: run.parts, foreignVolumes: run.tokenVolumes.foreign, containers: sidecar.owned };
    // A record that came to be empty stays one: without it the next run would be another kind of run.
    const text = identity && formatOwnership(owned, record !== undefined);
    mutated = withMetadata(mutated, 'annotations', PODROLE_ANNOTATION.injected, text);
  }
  if (!identity) return { pod: mutated, warnings };
  return {
    pod: mutated,
    warnings: [
      ...warnings,
      ...(['initContainers', 'containers'] as const).flatMap((list) =>
        tooMany(identity.namespace, pod, list),
      ),
      ...warningsOf(identity.namespace, pod, run.problems),
    ],
  };
}

const NO_NAMES: ReadonlySet<string> = new Set();
const NO_CONTAINERS: SidecarContainers = { initContainers: [], containers: [] };

function sidecarOf(
  identity: PodIdentity | undefined,
  pod: JsonObject,
  recorded: ReadonlySet<string>,
): PlannedSidecar {
  if (identity?.kind !== 'web-identity' || !identity.sidecar) return { warnings: [] };
  return planSidecar(identity.sidecar, identity.namespace, pod, recorded);
}

/** None where no container of the pod gets the pod's token. */
function addedContainers(
  plan: SidecarPlan,
  spec: JsonObject,
  { grants, tokenVolumes }: Run,
): SidecarContainers {
  const grant = grants?.common;
  if (!grant || volumeProblem(tokenVolumes, grant.volume.name) !== undefined) return NO_CONTAINERS;
  const all = [...(asArray(spec['initContainers']) ?? []), ...(asArray(spec['containers']) ?? [])];
  const isUsed = all.some(
    (container) =>
      grants?.of(nameOf(container) ?? '') === grant && mountsVolume(container, grant.volume.name),
  );
  return isUsed ? sidecarContainers(plan, grant, spec) : NO_CONTAINERS;
}

/** What one mutation knows, and collects as it goes through the containers. */
interface Run {
  readonly grants: Grants | undefined;
  readonly tokenVolumes: TokenVolumes;
  readonly owned: ReadonlyMap<string, readonly Part[]> | undefined;
  /** Containers that are podrole's as a whole, and not a matter of grants. */
  readonly ownContainers: ReadonlySet<string>;
  readonly isTokenVolume: (name: string) => boolean;
  readonly parts: Map<string, readonly Part[]>;
  /** Token volumes that a container mounts, by name. */
  readonly mounted: Map<string, Named>;
  readonly problems: Problem[];
}

export interface Problem {
  readonly container: string;
  readonly problem: string;
}

function reconcileList(spec: JsonObject, list: 'initContainers' | 'containers', run: Run): JsonObject {
  const before = asArray(spec[list]);
  if (!before) return spec;
  let changed = false;
  const after = before.map((item, index) => {
    const container = asObject(item);
    if (!container) return item;
    const name = nameOf(container) ?? '';
    if (run.ownContainers.has(name)) return item;
    if (index >= MAX_CONTAINERS) {
      run.parts.set(name, run.owned?.get(name) ?? []);
      return item;
    }
    const grant = run.grants?.of(name);
    const result = reconcileContainer(container, {
      grant,
      owned: run.owned?.get(name) ?? [],
      isTokenVolume: run.isTokenVolume,
      volumeProblem: (volume) => volumeProblem(run.tokenVolumes, volume),
    });
    run.parts.set(name, result.parts);
    if (grant && result.mounted) run.mounted.set(grant.volume.name, grant.volume);
    if (result.problem !== undefined) run.problems.push({ container: name, problem: result.problem });
    changed ||= result.container !== container;
    return result.container;
  });
  return changed ? { ...spec, [list]: after } : spec;
}

/**
 * The volumes that are mounted. The AWS webhook adds its volume even where no container mounts it, and so it is here, unless
 * podrole's own annotations decide which containers get it, a collision keeps it out, or what is put in is to be recorded.
 */
function wantedVolumes(
  identity: PodIdentity | undefined,
  { grants, mounted, problems }: Run,
  recorded: boolean,
): Named[] {
  const common = grants?.common?.volume;
  const asThere =
    !recorded &&
    identity?.includeContainers === undefined &&
    !(identity?.kind === 'web-identity' && identity.containerRoles.length > 0);
  const unmounted = common && asThere && problems.length === 0 && !mounted.has(common.name) ? [common] : [];
  return [...unmounted, ...mounted.values()];
}

/** The pod with that label or annotation, or without it; the same object where it is so already, or where metadata is malformed. */
function withMetadata(
  pod: JsonObject,
  member: 'labels' | 'annotations',
  key: string,
  value: string | undefined,
): JsonObject {
  const metadata = asObject(pod['metadata'] ?? {});
  const before = asObject(metadata?.[member] ?? {});
  if (!metadata || !before || before[key] === value) return pod;
  if (value !== undefined)
    return { ...pod, metadata: { ...metadata, [member]: { ...before, [key]: value } } };
  const { [key]: _removed, ...rest } = before;
  const { [member]: _emptied, ...others } = metadata;
  return { ...pod, metadata: Object.keys(rest).length > 0 ? { ...metadata, [member]: rest } : others };
}

/** A warning where a list has more containers than get an identity. */
export function tooMany(
  namespace: string,
  pod: JsonObject,
  list: (typeof CONTAINER_LISTS)[number],
): string[] {
  const count = asArray(asObject(pod['spec'])?.[list])?.length ?? 0;
  if (count <= MAX_CONTAINERS) return [];
  const object = podNameForWarnings(namespace, pod);
  const problem = `spec.${list} has ${count} items; those after the first ${MAX_CONTAINERS} got no AWS identity`;
  return [warningLine({ object, problem, remedy: 'use several pods' })];
}

/** A warning for every container that was to get an identity and was left as it is. */
export function warningsOf(namespace: string, pod: JsonObject, problems: readonly Problem[]): string[] {
  return problems.map(({ container, problem }) =>
    warningLine({
      object: `${podNameForWarnings(namespace, pod)}, container ${container}`,
      problem: `${problem}; it got no AWS identity`,
      remedy: 'rename or move what is in the way, or list the container in skip-containers',
    }),
  );
}
