import type { RoleGrant, SidecarMode, SidecarRequest } from '../../identity/pod-identity.ts';
import type { InjectedSidecarSettings } from '../../identity/settings/sidecar-settings.ts';
import { unservedTarget } from '../../identity/target-role.ts';
import { warningLine } from '../../identity/warning.ts';
import { INJECTED_CONTAINER, PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { listOf, type NamedObject, nameOf, podNameForWarnings, runsOnWindows } from '../pod-parts.ts';
import { findSidecar, type SidecarAccess, sidecarAccess } from './access.ts';
import { sidecarProxies } from './proxies.ts';

/** Sidecar that the pod can have. */
export interface SidecarPlan {
  readonly mode: Exclude<SidecarMode, 'agent'>;
  readonly image: string;
  /** True if the pod keeps an image from before `podrole probe`. It knows only `podrole sidecar --probe`. */
  readonly hasProbeFlag: boolean;
  readonly isWindows: boolean;
  /** Address at which the pod's other containers ask it. */
  readonly access: SidecarAccess;
  /** Variables that name its proxies. */
  readonly proxies: readonly NamedObject[];
  readonly settings: InjectedSidecarSettings;
  /** Role that the sidecar is to hand out; undefined for the role of the pod. */
  readonly target: RoleGrant['target'];
}

/** Who hands out the credentials of the pod's roles; if neither does, SDKs exchange the token themselves. */
export interface PlannedSidecar {
  readonly plan?: SidecarPlan;
  readonly isByAgent?: boolean;
  readonly warnings: readonly string[];
}

export interface SidecarInput {
  readonly request: SidecarRequest;
  readonly namespace: string;
  readonly pod: JsonObject;
  readonly recorded: RecordedService;
  /** Role that the role of the pod must assume: then no SDK may exchange the token itself. */
  readonly target: RoleGrant['target'];
}

/** Additions of podrole in a pod or manifest that say who served it. */
export interface RecordedService {
  /** Names of the containers that are podrole's already. */
  readonly containers: ReadonlySet<string>;
  /** True if a container has the variables by which the agent knows it. */
  readonly isByAgent: boolean;
}

/** Names of the containers that podrole adds. */
export const INJECTED_NAMES: readonly string[] = Object.values(INJECTED_CONTAINER);

/**
 * Decides what the pod can have of a request.
 *
 * A pod on the network of the node can have no sidecar. Its loopback is that of the node: every process there
 * would get the role's credentials, a second such pod would find the port taken and get those of the first
 * one, and the metadata addresses would be redirected for the whole node. Nor can the agent serve it: its
 * requests do not come by the redirect of the pods.
 */
export function planSidecar(input: SidecarInput): PlannedSidecar {
  const { request, namespace, pod, recorded, target } = input;
  const spec = asObject(pod['spec']) ?? {};
  const mode = request.mode ?? recordedMode(recorded);
  const object = podNameForWarnings(namespace, pod);
  // Nothing can be added to malformed lists; the API server refuses such a pod.
  if (!listOf(spec['initContainers']) || !listOf(spec['containers'])) return { warnings: [] };
  if (!mode) return { warnings: target ? [unservedTarget(object)] : [] };
  const warn: Warn = (problem, remedy) =>
    warningLine({ object, problem: `${request.origin} is ${mode}, but ${problem}`, remedy });
  const refuse = (problem: string, remedy: string): PlannedSidecar => {
    const effect = target ? 'no role' : 'only web identity';
    return { warnings: [warn(`${problem}; the pod got ${effect}`, remedy)] };
  };

  const annotation = request.origin === ANNOTATION ? 'the annotation' : `the annotation ${ANNOTATION}`;
  const isByAgent = mode === 'agent';
  if (spec['hostNetwork'] === true) {
    const problem = isByAgent
      ? 'with hostNetwork the agent cannot distinguish the pod from its node'
      : 'with hostNetwork the sidecar would serve the whole node';
    return refuse(problem, `set hostNetwork to false or ${annotation} to none`);
  }
  const isWindows = runsOnWindows(spec);
  if (isByAgent) {
    return isWindows
      ? refuse('Windows has no rules that lead to the agent', `set ${annotation} to credentials`)
      : { isByAgent, warnings: [] };
  }
  const { settings } = request;
  if (target && !settings.clusterName) {
    return refuse('a target role needs the name of the cluster', 'set --cluster-name');
  }
  const { containers } = recorded;
  // A manifest that was injected with an image keeps it if the webhook has none. It may be too old for a
  // target role, and would hand out the wrong one.
  const isKept = settings.sidecarImage === '' && containers.size > 0 && !target;
  const kept = isKept ? findSidecar(spec) : undefined;
  const image = settings.sidecarImage || asText(kept?.['image']);
  if (!image) return refuse('podrole has no image for the sidecar', 'set --sidecar-image');
  const hasProbeFlag = probeCommandOf(kept).includes('--probe');
  const { variables: proxies, problems } = sidecarProxies(ownContainersOf(spec), settings);
  const ofProxies = problems.map(({ problem, remedy }) => warn(problem, remedy));
  const access = sidecarAccess(settings, spec, containers);
  const planned = planMode(mode, isWindows, warn);
  return {
    plan: { image, hasProbeFlag, isWindows, settings, access, proxies, target, mode: planned.mode },
    warnings: [...planned.warnings, ...ofProxies],
  };
}

const ANNOTATION = PODROLE_ANNOTATION.sidecar;

type Warn = (problem: string, remedy: string) => string;

function planMode(mode: SidecarPlan['mode'], isWindows: boolean, warn: Warn) {
  if (!isWindows || mode === 'credentials') return { mode, warnings: [] };
  const problem = 'Windows has no redirect of the metadata addresses; the pod got credentials mode';
  return { mode: 'credentials' as const, warnings: [warn(problem, 'set the annotation to credentials')] };
}

/** Returns the containers and init containers that podrole did not add. */
export function ownContainersOf(spec: JsonObject): readonly unknown[] {
  return [...(listOf(spec['initContainers']) ?? []), ...(listOf(spec['containers']) ?? [])].filter(
    (container) => !INJECTED_NAMES.includes(nameOf(container) ?? ''),
  );
}

function recordedMode({ containers, isByAgent }: RecordedService): SidecarMode | undefined {
  if (containers.has(INJECTED_CONTAINER.redirect)) return 'metadata';
  if (containers.has(INJECTED_CONTAINER.sidecar)) return 'credentials';
  return isByAgent ? 'agent' : undefined;
}

function probeCommandOf(sidecar: JsonObject | undefined): readonly unknown[] {
  const exec = asObject(asObject(sidecar?.['startupProbe'])?.['exec']);
  return asArray(exec?.['command']) ?? [];
}
