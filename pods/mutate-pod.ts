import type { PodIdentity } from '../identity/pod-identity.ts';
import { POD_IDENTITY_LABEL, POD_IDENTITY_LABEL_VALUE } from '../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import { problemWarnings, tooManyContainersWarning } from './container-warnings.ts';
import { type Grant, type Grants, grantsOf, withoutVolume } from './grants.ts';
import { formatOwnership, type OwnershipRecord, readOwnership } from './ownership-record.ts';
import { withList } from './place.ts';
import { listOf, mountsVolume, type NamedObject, nameOf } from './pod-parts.ts';
import { type Problem, type ReconciledContainers, reconcileContainers } from './reconcile-containers.ts';
import { type SidecarContainers, sidecarContainers } from './sidecar/containers.ts';
import { placeSidecar } from './sidecar/place-sidecar.ts';
import { type PlannedSidecar, planSidecar } from './sidecar/plan.ts';
import { placeTokenVolumes, type TokenVolumes, tokenVolumesOf, volumeProblem } from './token-volumes.ts';
import { podWarnings } from './warnings/pod-warnings.ts';

export interface MutateOptions {
  /**
   * Records in `podrole.dev/injected` what was put into the pod, so that a later run can bring it up to date.
   */
  readonly recordOwnership?: boolean;
  /**
   * Longest name that the pod can have, in characters, if it has neither name nor generateName, as in a
   * Deployment's template. Decides how much of the namespace fits into the session name; default 63.
   */
  readonly podNameMaxLength?: number;
}

export interface MutatedPod {
  /** The same object if nothing changed; unchanged parts are the same objects in any case. */
  readonly pod: JsonObject;
  /** Admission warnings, one line each, under 256 characters. */
  readonly warnings: readonly string[];
}

/**
 * Returns the pod with its identity: token volume, mounts, variables and sidecar. Pure and idempotent. Never
 * throws: the malformed parts of a pod stay as they are. Does not touch what the pod has of its own. What
 * `podrole.dev/injected` records as podrole's is brought up to date.
 * @param pod the raw object, or a pod template: anything with `metadata` and `spec`
 * @param identity undefined takes out everything that podrole owns in the pod
 */
export function mutatePod(
  pod: JsonObject,
  identity: PodIdentity | undefined,
  options: MutateOptions = {},
): MutatedPod {
  const spec = asObject(pod['spec']);
  const volumes = listOf(spec?.['volumes']);
  const record = readOwnership(pod);
  if (!spec || !volumes || !(identity || record)) return { pod, warnings: [] };
  const isRecorded = record !== undefined || options.recordOwnership === true;
  const ownContainers = record?.containers ?? NO_NAMES;

  const { plan, isByAgent = false, warnings } = plannedSidecar(identity, pod, record);
  const { podNameMaxLength } = options;
  const served = { podNameMaxLength, sidecar: plan?.access, isByAgent };
  const grants = identity && grantsOf(identity, pod, served);
  const extraVolume = identity?.kind === 'container-credentials' ? identity.token.volumeName : undefined;
  const tokenVolumes = tokenVolumesOf(volumes, record, extraVolume);

  const reconciled = reconcileContainers(spec, { grants, tokenVolumes, record, extraVolume });
  const sidecarGrant = grantOfSidecar(reconciled.spec, { grants, tokenVolumes });
  const added = plan && sidecarGrant ? sidecarContainers(plan, sidecarGrant, reconciled.spec) : NO_CONTAINERS;
  const sidecar = placeSidecar(reconciled.spec, {
    containers: added,
    owned: ownContainers,
    isManifest: options.recordOwnership === true,
  });
  const wanted = wantedVolumes(identity, {
    common: grants?.common?.volume,
    ofSidecar: sidecar.owned.size > 0 ? sidecarGrant?.caBundle?.volume : undefined,
    reconciled,
    isRecorded,
  });
  const newVolumes = placeTokenVolumes(tokenVolumes, wanted, sidecar.spec);
  const newSpec = withList(sidecar.spec, 'volumes', volumes, newVolumes);

  const withSpec = newSpec === spec ? pod : { ...pod, spec: newSpec };
  const labelled = wanted.length > 0 ? withLabel(withSpec, identity) : withSpec;
  const owned = {
    parts: reconciled.parts,
    foreignVolumes: tokenVolumes.foreign,
    containers: sidecar.owned,
  };
  // Keep an empty record: without it, the next run would treat the pod as never injected.
  const text = identity && formatOwnership(owned, record !== undefined);
  const mutated = isRecorded
    ? withMetadata(labelled, { member: 'annotations', key: PODROLE_ANNOTATION.injected, value: text })
    : labelled;
  if (!identity) return { pod: mutated, warnings: [] };
  const { namespace } = identity;
  return {
    pod: mutated,
    warnings: [
      ...warnings,
      ...tooManyContainersWarning(namespace, pod, 'initContainers'),
      ...tooManyContainersWarning(namespace, pod, 'containers'),
      ...problemWarnings(namespace, pod, reconciled.problems),
      ...(grants
        ? podWarnings({
            pod,
            spec: newSpec,
            identity,
            grants,
            without: withoutIdentity(reconciled.problems),
            sidecar: added === NO_CONTAINERS ? undefined : plan?.settings,
          })
        : []),
    ],
  };
}

function withoutIdentity(problems: readonly Problem[]): ReadonlySet<string> {
  const without = problems.filter(({ missing }) => missing === 'AWS identity');
  return new Set(without.map(({ container }) => container));
}

const NO_NAMES: ReadonlySet<string> = new Set();
const NO_CONTAINERS: SidecarContainers = { initContainers: [], containers: [] };

function plannedSidecar(
  identity: PodIdentity | undefined,
  pod: JsonObject,
  record: OwnershipRecord | undefined,
): PlannedSidecar {
  if (identity?.kind !== 'web-identity' || !identity.sidecar) return { warnings: [] };
  const { sidecar: request, namespace, role } = identity;
  const isByAgent = [...(record?.parts.values() ?? [])].some((parts) => parts.includes('agent-role'));
  const recorded = { containers: record?.containers ?? NO_NAMES, isByAgent };
  return planSidecar({ request, namespace, pod, recorded, target: role?.target });
}

interface SidecarFacts {
  readonly grants: Grants | undefined;
  readonly tokenVolumes: TokenVolumes;
}

/**
 * Returns what a sidecar gets; undefined if it can get nothing, or if no container gets the token of the pod.
 * @param spec the pod's, with what its containers get
 */
function grantOfSidecar(spec: JsonObject, { grants, tokenVolumes }: SidecarFacts): Grant | undefined {
  const { common, ofSidecar: grant } = grants ?? {};
  if (!grants || !grant || volumeProblem(tokenVolumes, grant.volume.name) !== undefined) return undefined;
  const all = [...(asArray(spec['initContainers']) ?? []), ...(asArray(spec['containers']) ?? [])];
  const isUsed = all.some(
    (container) =>
      grants.of(nameOf(container) ?? '') === common && mountsVolume(container, grant.volume.name),
  );
  if (!isUsed) return undefined;
  const hasPlace = grant.caBundle && volumeProblem(tokenVolumes, grant.caBundle.volume.name) === undefined;
  return hasPlace ? grant : withoutVolume(grant, 'caBundle');
}

interface VolumeFacts {
  /** Token volume of the containers without a role of their own. */
  readonly common: NamedObject | undefined;
  /** Further volume that the added sidecar mounts. */
  readonly ofSidecar: NamedObject | undefined;
  readonly reconciled: ReconciledContainers;
  readonly isRecorded: boolean;
}

/**
 * Returns the volumes that are mounted. The AWS webhook adds its volume even if no container mounts it.
 * podrole does the same, unless its own annotations decide which containers get it, a collision keeps it out,
 * or additions are recorded.
 */
function wantedVolumes(
  identity: PodIdentity | undefined,
  { common, ofSidecar, reconciled: { mounted, problems }, isRecorded }: VolumeFacts,
): readonly NamedObject[] {
  const hasChoice =
    identity?.includeContainers !== undefined ||
    (identity?.kind === 'web-identity' && identity.containerRoles.length > 0);
  const isKeptOut = problems.some(({ missing }) => missing === 'AWS identity');
  const isAdded = !isRecorded && !hasChoice && !isKeptOut;
  const unmounted = common && isAdded && !mounted.has(common.name) ? [common] : [];
  const further = ofSidecar && !mounted.has(ofSidecar.name) ? [ofSidecar] : [];
  return [...unmounted, ...mounted.values(), ...further];
}

interface MetadataEntry {
  readonly member: 'labels' | 'annotations';
  readonly key: string;
  readonly value: string | undefined;
}

function withLabel(pod: JsonObject, identity: PodIdentity | undefined): JsonObject {
  if (identity?.kind !== 'container-credentials') return pod;
  const label = { member: 'labels', key: POD_IDENTITY_LABEL, value: POD_IDENTITY_LABEL_VALUE } as const;
  return withMetadata(pod, label);
}

/**
 * Returns the pod with that label or annotation, or without it if the value is undefined, and then without
 * metadata that became empty. The same object if that is the case already, or if the metadata is malformed.
 */
function withMetadata(pod: JsonObject, { member, key, value }: MetadataEntry): JsonObject {
  const metadata = asObject(pod['metadata'] ?? {});
  const before = asObject(metadata?.[member] ?? {});
  if (!metadata || !before || before[key] === value) return pod;
  if (value !== undefined)
    return { ...pod, metadata: { ...metadata, [member]: { ...before, [key]: value } } };
  const { [key]: _removed, ...rest } = before;
  const { [member]: _emptied, ...others } = metadata;
  if (Object.keys(rest).length > 0) return { ...pod, metadata: { ...metadata, [member]: rest } };
  if (Object.keys(others).length > 0) return { ...pod, metadata: others };
  const { metadata: _all, ...withoutMetadata } = pod;
  return withoutMetadata;
}
