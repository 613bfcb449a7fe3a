import type { PodIdentity } from '../../identity/pod-identity.ts';
import type { InjectedSidecarSettings } from '../../identity/settings/sidecar-settings.ts';
import { warningLine } from '../../identity/warning.ts';
import { asArray, asObject, type JsonObject, objectsOf } from '../../lib/json/json.ts';
import type { Grant, Grants } from '../grants.ts';
import {
  CONTAINER_LISTS,
  listOf,
  MAX_CONTAINERS,
  mountsVolume,
  type NamedObject,
  nameOf,
  podNameForWarnings,
  projectsToken,
} from '../pod-parts.ts';
import { INJECTED_NAMES } from '../sidecar/plan.ts';
import { type ContainerOddity, type Oddity, oddityWarnings } from './oddity.ts';
import { shadowsOf } from './shadows.ts';
import { takenPorts } from './sidecar-ports.ts';
import { isInTokenVolume, oddMounts, type Volumes } from './token-mounts.ts';
import { oddTokenVolume } from './token-volume.ts';
import { unmatchedNames } from './unmatched-names.ts';

export interface WarnedPod {
  readonly pod: JsonObject;
  /** Its spec, with what its containers get. */
  readonly spec: JsonObject;
  readonly identity: PodIdentity;
  readonly grants: Grants;
  /** Containers that did not get what was granted, with a warning already. */
  readonly without: ReadonlySet<string>;
  /** Settings of the sidecar that the pod gets; undefined if it gets none. */
  readonly sidecar: InjectedSidecarSettings | undefined;
}

/** Returns the warnings about what keeps the containers of a pod from using what they got. */
export function podWarnings({ pod, spec, identity, grants, without, sidecar }: WarnedPod): readonly string[] {
  const podObject = podNameForWarnings(identity.namespace, pod);
  const containers = (['initContainers', 'containers'] as const).flatMap((list) => containersOf(spec, list));
  const granted = containers.flatMap((container) => {
    const { name } = container;
    const grant = without.has(name) ? undefined : grants.of(name);
    return grant ? [{ ...container, grant }] : [];
  });
  const volumes = volumesOf(spec);
  const ports = sidecar
    ? containers.flatMap(({ name, object }) => named(name, takenPorts(object, sidecar)))
    : [];
  return [
    ...unmatchedNames({ podObject, identity, containers: allNames(spec) }),
    ...volumeWarnings(podObject, granted, volumes),
    ...oddityWarnings(podObject, [
      ...granted.flatMap((container) => containerOddities(container, volumes)),
      ...ports,
    ]),
  ];
}

/** Returns what keeps a container from using what it got. */
export function containerOddities(
  { name, object, grant }: GrantedContainer,
  volumes: Volumes,
): readonly ContainerOddity[] {
  // A container with malformed lists got nothing; the API server refuses it.
  if (!listOf(object['env']) || !listOf(object['volumeMounts'])) return [];
  const { agentToken } = grant;
  return named(name, [
    ...oddMounts(object, grant, volumes),
    ...(agentToken ? oddMounts(object, { ...grant, ...agentToken }, volumes) : []),
    ...shadowsOf(object, grant, (file) => isInTokenVolume(file, object, volumes)),
  ]);
}

export function volumesOf(spec: JsonObject): Volumes {
  return new Map(objectsOf(spec['volumes']).map((volume) => [nameOf(volume) ?? '', volume]));
}

interface Container {
  readonly name: string;
  readonly object: JsonObject;
}

export interface GrantedContainer extends Container {
  readonly grant: Grant;
}

/** Returns the containers of the pod's user that can get an identity. */
function containersOf(spec: JsonObject, list: (typeof CONTAINER_LISTS)[number]): readonly Container[] {
  return (asArray(spec[list]) ?? []).slice(0, MAX_CONTAINERS).flatMap((item) => {
    const [object, name] = [asObject(item), nameOf(item)];
    return object && name !== undefined && !INJECTED_NAMES.includes(name) ? [{ name, object }] : [];
  });
}

function allNames(spec: JsonObject): ReadonlySet<string> {
  return new Set(CONTAINER_LISTS.flatMap((list) => objectsOf(spec[list]).map((item) => nameOf(item) ?? '')));
}

function named(container: string, oddities: readonly Oddity[]): readonly ContainerOddity[] {
  return oddities.map((oddity) => ({ ...oddity, container }));
}

/** Returns the warnings about the pod's own volumes in which containers find their token. */
function volumeWarnings(
  podObject: string,
  granted: readonly GrantedContainer[],
  volumes: Volumes,
): readonly string[] {
  const used = new Map<string, NamedObject>();
  for (const { object, grant } of granted) {
    for (const { volume } of [grant, ...(grant.agentToken ? [grant.agentToken] : [])]) {
      if (mountsVolume(object, volume.name)) used.set(volume.name, volume);
    }
  }
  return [...used].flatMap(([name, wanted]) => {
    const volume = volumes.get(name);
    const odd = volume && projectsToken(volume) ? oddTokenVolume(volume, wanted) : undefined;
    return odd ? [warningLine({ object: podObject, ...odd })] : [];
  });
}
