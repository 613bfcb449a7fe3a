import type { PodIdentity, RoleGrant } from '../identity/pod-identity.ts';
import { warningLine } from '../identity/warning.ts';
import { ENV } from '../lib/contract/sdk.ts';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import { problemWarnings, tooManyContainersWarning } from './container-warnings.ts';
import { type Grant, type Grants, grantsOf, withoutVolume } from './grants.ts';
import type { MutatedPod } from './mutate-pod.ts';
import { listOf, MAX_CONTAINERS, nameOf, podNameForWarnings, runsOnWindows } from './pod-parts.ts';
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
  const grants = possibleGrants(identity, pod, spec);
  const tokenVolumes = tokenVolumesOf(volumes, undefined, undefined);
  const podVolumes = volumesOf(spec);
  const problems: Problem[] = [];
  const oddities: ContainerOddity[] = [];
  const warnings: string[] = tooManyContainersWarning(identity.namespace, pod, 'ephemeralContainers');

  const after = before.map((item, index) => {
    const container = asObject(item);
    const name = nameOf(container);
    const isLeft = name === undefined || present.has(name) || index >= MAX_CONTAINERS;
    if (!container || isLeft) return item;
    const possible = grants.map((one) => one.of(name)).filter((one) => one !== undefined);
    const grant = possible.find((one) => missingVolume(one, tokenVolumes.others) === undefined);
    const object = `${podNameForWarnings(identity.namespace, pod)}, container ${name}`;
    if (!grant) {
      const isLeftOut = grants.every((one) => one.isLeftOut(name));
      const problem = isLeftOut ? undefined : problemOf(possible, tokenVolumes.others, identity);
      if (problem) warnings.push(warningLine({ object, problem, remedy: 'recreate the pod' }));
      return item;
    }
    const lacksCaBundle = grant.caBundle && !tokenVolumes.others.has(grant.caBundle.volume.name);
    if (lacksCaBundle) {
      const problem = 'no CA certificates, since the pod has no volume with them';
      warnings.push(warningLine({ object, problem, remedy: 'recreate the pod' }));
    }
    const result = reconcileContainer(container, {
      grant: lacksCaBundle ? withoutVolume(grant, 'caBundle') : grant,
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

/**
 * Returns what the pod can give to a container, the best first. A pod that is older than the annotation has
 * no sidecar, or no token for the agent, and can no longer get one: then SDKs exchange the token themselves.
 */
function possibleGrants(identity: PodIdentity, pod: JsonObject, spec: JsonObject): readonly Grants[] {
  const { sidecar: request, role } = identity.kind === 'web-identity' ? identity : {};
  const byItself = grantsOf(identity, pod);
  if (request?.mode === 'agent' && spec['hostNetwork'] !== true && !runsOnWindows(spec)) {
    return [grantsOf(identity, pod, { isByAgent: true }), byItself];
  }
  const present = request && findSidecar(spec);
  if (!request || !present || !servesTarget(present, role?.target)) return [byItself];
  return [grantsOf(identity, pod, { sidecar: sidecarAccess(request.settings, spec, NONE_TO_CHANGE) })];
}

/** True if the sidecar hands out that role, or no target is asked for. */
function servesTarget(sidecar: JsonObject, target: RoleGrant['target']): boolean {
  const variable = asArray(sidecar['env'])?.findLast((item) => nameOf(item) === ENV.targetRoleArn);
  return target === undefined || asObject(variable)?.['value'] === target.roleArn;
}

/** Returns the name of a volume that the grant needs and the pod does not have. */
function missingVolume({ volume, agentToken }: Grant, present: ReadonlySet<string>): string | undefined {
  return [volume, ...(agentToken ? [agentToken.volume] : [])].find(({ name }) => !present.has(name))?.name;
}

/** Returns why a container gets none of the grants; undefined if none was meant for it. */
function problemOf(
  possible: readonly Grant[],
  present: ReadonlySet<string>,
  identity: PodIdentity,
): string | undefined {
  const [best] = possible;
  const missing = best && missingVolume(best, present);
  if (missing)
    return `no AWS identity, since the pod is older than the annotation and has no volume ${missing}`;
  const isOfTarget = identity.kind === 'web-identity' && identity.role?.target;
  return isOfTarget ? 'no AWS identity, since nothing in the pod assumes the target role' : undefined;
}

/** The containers of a running pod stay as they are. */
const NONE_TO_CHANGE: ReadonlySet<string> = new Set();
