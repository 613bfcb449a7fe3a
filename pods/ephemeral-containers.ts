import type { PodIdentity } from '../identity/pod-identity.ts';
import { warningLine } from '../identity/warning.ts';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import { problemWarnings, tooManyContainersWarning } from './container-warnings.ts';
import { grantsOf, withoutCaBundle } from './grants.ts';
import type { MutatedPod } from './mutate-pod.ts';
import { listOf, MAX_CONTAINERS, nameOf, podNameForWarnings } from './pod-parts.ts';
import { reconcileContainer } from './reconcile-container.ts';
import type { Problem } from './reconcile-containers.ts';
import { findSidecar, sidecarAccess } from './sidecar/access.ts';
import { tokenVolumesOf, volumeProblem } from './token-volumes.ts';
import { type ContainerOddity, oddityWarnings } from './warnings/oddity.ts';
import { containerOddities, volumesOf } from './warnings/pod-warnings.ts';

/**
 * Returns the update of a pod through `pods/ephemeralcontainers`, with the identity in those ephemeral
 * containers that `oldPod` does not have. Such an update cannot add volumes: if the pod lacks the token
 * volume, the container stays as it is, with a warning.
 */
export function mutateEphemeralContainers(
  pod: JsonObject,
  oldPod: JsonObject | undefined,
  identity: PodIdentity,
): MutatedPod {
  const spec = asObject(pod['spec']);
  const before = asArray(spec?.['ephemeralContainers']);
  const volumes = listOf(spec?.['volumes']);
  if (!spec || !before || !volumes) return { pod, warnings: [] };
  const present = new Set((asArray(asObject(oldPod?.['spec'])?.['ephemeralContainers']) ?? []).map(nameOf));
  const request = identity.kind === 'web-identity' ? identity.sidecar : undefined;
  // A pod that is older than the annotation has no sidecar and can no longer get one.
  const sidecar =
    request && findSidecar(spec) ? sidecarAccess(request.settings, spec, NONE_TO_CHANGE) : undefined;
  const grants = grantsOf(identity, pod, { sidecar });
  const tokenVolumes = tokenVolumesOf(volumes, undefined, undefined);
  const podVolumes = volumesOf(spec);
  const problems: Problem[] = [];
  const oddities: ContainerOddity[] = [];
  const warnings: string[] = tooManyContainersWarning(identity.namespace, pod, 'ephemeralContainers');

  const after = before.map((item, index) => {
    const container = asObject(item);
    const name = nameOf(container);
    const isLeft = name === undefined || present.has(name) || index >= MAX_CONTAINERS;
    const grant = isLeft ? undefined : grants.of(name);
    if (!container || name === undefined || !grant) return item;
    const object = `${podNameForWarnings(identity.namespace, pod)}, container ${name}`;
    if (!tokenVolumes.others.has(grant.volume.name)) {
      const problem = `no AWS identity, since the pod is older than the annotation and has no volume ${grant.volume.name}`;
      warnings.push(warningLine({ object, problem, remedy: 'recreate the pod' }));
      return item;
    }
    const lacksCaBundle = grant.caBundle && !tokenVolumes.others.has(grant.caBundle.volume.name);
    if (lacksCaBundle) {
      const problem = 'no CA certificates, since the pod has no volume with them';
      warnings.push(warningLine({ object, problem, remedy: 'recreate the pod' }));
    }
    const result = reconcileContainer(container, {
      grant: lacksCaBundle ? withoutCaBundle(grant) : grant,
      owned: [],
      isTokenVolume: () => false,
      volumeProblem: (volume) => volumeProblem(tokenVolumes, volume),
    });
    problems.push(...result.problems.map((one) => ({ ...one, container: name })));
    const isWithout = result.problems.some(({ missing }) => missing === 'AWS identity');
    if (!isWithout)
      oddities.push(...containerOddities({ name, object: result.container, grant }, podVolumes));
    return result.container;
  });
  warnings.push(
    ...problemWarnings(identity.namespace, pod, problems),
    ...oddityWarnings(podNameForWarnings(identity.namespace, pod), oddities),
  );
  const changed = after.some((container, index) => container !== before[index]);
  return { pod: changed ? { ...pod, spec: { ...spec, ephemeralContainers: after } } : pod, warnings };
}

/** The containers of a running pod stay as they are. */
const NONE_TO_CHANGE: ReadonlySet<string> = new Set();
