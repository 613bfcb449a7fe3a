import type { SidecarMode, SidecarRequest } from '../../identity/pod-identity.ts';
import type { InjectedSidecarSettings } from '../../identity/settings/sidecar-settings.ts';
import { warningLine } from '../../identity/warning.ts';
import { INJECTED_CONTAINER, PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { listOf, type NamedObject, nameOf, podNameForWarnings, runsOnWindows } from '../pod-parts.ts';
import { findSidecar, type SidecarAccess, sidecarAccess } from './access.ts';
import { sidecarProxies } from './proxies.ts';

/** Sidecar that the pod can have. */
export interface SidecarPlan {
  readonly mode: SidecarMode;
  readonly image: string;
  /** True if the pod keeps an image from before `podrole probe`. It knows only `podrole sidecar --probe`. */
  readonly hasProbeFlag: boolean;
  readonly isWindows: boolean;
  /** Address at which the pod's other containers ask it. */
  readonly access: SidecarAccess;
  /** Variables that name its proxies. */
  readonly proxies: readonly NamedObject[];
  readonly settings: InjectedSidecarSettings;
}

export interface PlannedSidecar {
  readonly plan?: SidecarPlan;
  readonly warnings: readonly string[];
}

export interface SidecarInput {
  readonly request: SidecarRequest;
  readonly namespace: string;
  readonly pod: JsonObject;
  /** Names of the containers in the pod that are podrole's already. */
  readonly recorded: ReadonlySet<string>;
}

/** Names of the containers that podrole adds. */
export const INJECTED_NAMES: readonly string[] = Object.values(INJECTED_CONTAINER);

/**
 * Decides what the pod can have of a request.
 *
 * A pod on the network of the node can have no sidecar. Its loopback is that of the node: every process there
 * would get the role's credentials, a second such pod would find the port taken and get those of the first
 * one, and the metadata addresses would be redirected for the whole node.
 */
export function planSidecar({ request, namespace, pod, recorded }: SidecarInput): PlannedSidecar {
  const { settings } = request;
  const spec = asObject(pod['spec']) ?? {};
  const mode = request.mode ?? recordedMode(recorded);
  // Nothing can be added to malformed lists; the API server refuses such a pod.
  if (!mode || !listOf(spec['initContainers']) || !listOf(spec['containers'])) return { warnings: [] };
  const warn = (problem: string, remedy: string): string =>
    warningLine({
      object: podNameForWarnings(namespace, pod),
      problem: `${PODROLE_ANNOTATION.sidecar} is ${mode}, but ${problem}`,
      remedy,
    });

  if (spec['hostNetwork'] === true) {
    const problem = 'with hostNetwork the sidecar would serve the whole node; the pod got only web identity';
    return { warnings: [warn(problem, 'set hostNetwork to false or the annotation to none')] };
  }
  // A manifest that was injected with an image keeps it if the webhook has none.
  const kept = settings.sidecarImage === '' && recorded.size > 0 ? findSidecar(spec) : undefined;
  const image = settings.sidecarImage || asText(kept?.['image']);
  if (!image) {
    const problem = 'podrole has no image for the sidecar; the pod got only web identity';
    return { warnings: [warn(problem, 'set --sidecar-image')] };
  }
  const isWindows = runsOnWindows(spec);
  const hasProbeFlag = probeCommandOf(kept).includes('--probe');
  const { variables: proxies, problems } = sidecarProxies(ownContainersOf(spec), settings);
  const warnings = problems.map(({ problem, remedy }) => warn(problem, remedy));
  const access = sidecarAccess(settings, spec, recorded);
  const plan = { image, hasProbeFlag, isWindows, settings, access, proxies };
  if (!isWindows || mode === 'credentials') return { plan: { ...plan, mode }, warnings };
  const problem = 'Windows has no redirect of the metadata addresses; the pod got credentials mode';
  return {
    plan: { ...plan, mode: 'credentials' },
    warnings: [warn(problem, 'set the annotation to credentials'), ...warnings],
  };
}

/** Returns the containers and init containers that podrole did not add. */
export function ownContainersOf(spec: JsonObject): readonly unknown[] {
  return [...(listOf(spec['initContainers']) ?? []), ...(listOf(spec['containers']) ?? [])].filter(
    (container) => !INJECTED_NAMES.includes(nameOf(container) ?? ''),
  );
}

function recordedMode(recorded: ReadonlySet<string>): SidecarMode | undefined {
  if (recorded.has(INJECTED_CONTAINER.redirect)) return 'metadata';
  return recorded.has(INJECTED_CONTAINER.sidecar) ? 'credentials' : undefined;
}

function probeCommandOf(sidecar: JsonObject | undefined): readonly unknown[] {
  const exec = asObject(asObject(sidecar?.['startupProbe'])?.['exec']);
  return asArray(exec?.['command']) ?? [];
}
