import type { InjectedSidecarSettings } from '../../identity/settings/sidecar-settings.ts';
import { INJECTED_CONTAINER, SIDECAR_USER_ID } from '../../lib/contract/podrole.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import type { Grant } from '../grants.ts';
import type { NamedObject } from '../pod-parts.ts';
import { INJECTED_NAMES, type SidecarPlan } from './plan.ts';
import { sidecarUserId } from './user.ts';
import { sidecarVariables } from './variables.ts';

/** Containers that are added to a pod, by list, in their order there. */
export interface SidecarContainers {
  readonly initContainers: readonly NamedObject[];
  readonly containers: readonly NamedObject[];
}

/**
 * Longest wait of the pod's own containers for the first credentials, before kubelet restarts the sidecar.
 */
const STARTUP_PROBE = { periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 120 } as const;

/**
 * A plain container must end together with all others. Within the usual grace period of 30 s it outlives
 * those that end in time.
 */
const SHUTDOWN_DELAY_SECONDS = 15;

/**
 * Returns the containers of a plan.
 * @param grant of the pod's containers: the sidecar exchanges the same token, for the same role and session
 * name
 * @param spec the pod's, with what its containers get
 */
export function sidecarContainers(plan: SidecarPlan, grant: Grant, spec: JsonObject): SidecarContainers {
  const isNative = plan.settings.sidecarMode === 'native';
  const sidecar: NamedObject = {
    ...sidecarContainer(plan, isNative),
    env: sidecarVariables(plan, grant, spec),
    volumeMounts: [grant.mount, ...(grant.caBundle ? [grant.caBundle.mount] : [])],
    securityContext: plan.isWindows ? WINDOWS_CONTEXT : confinedAs(sidecarUserId(spec, INJECTED_NAMES)),
  };
  const redirect = plan.mode === 'metadata' ? [redirectContainer(plan)] : [];
  return isNative
    ? { initContainers: [...redirect, sidecar], containers: [] }
    : { initContainers: redirect, containers: [sidecar] };
}

function sidecarContainer(plan: SidecarPlan, isNative: boolean): NamedObject {
  const { sidecarPort, sidecarMetricsPort } = plan.settings;
  return {
    name: INJECTED_CONTAINER.sidecar,
    image: plan.image,
    command: ['podrole', 'sidecar'],
    args: [
      `--port=${sidecarPort}`,
      `--metrics-port=${sidecarMetricsPort}`,
      `--imdsv2=${imdsv2Of(plan)}`,
      ...(isNative ? [] : [`--shutdown-delay=${SHUTDOWN_DELAY_SECONDS}s`]),
    ],
    // By this policy an init container starts before and ends after all others. [k8s] "Sidecar containers"
    ...(isNative ? { restartPolicy: 'Always' } : {}),
    startupProbe: {
      exec: { command: [...probeCommand(plan), `--metrics-port=${sidecarMetricsPort}`] },
      ...STARTUP_PROBE,
    },
    resources: resourcesOf(plan.settings),
  };
}

function probeCommand({ hasProbeFlag }: SidecarPlan): readonly string[] {
  return hasProbeFlag ? ['podrole', 'sidecar', '--probe'] : ['podrole', 'probe'];
}

/**
 * Returns the IMDS version that the sidecar requires. Without a redirect no SDK asks for instance metadata.
 * If the sidecar answered without a session token, an attacker who makes a program of the pod send a GET
 * request to loopback would get the credentials, past the secret path.
 */
function imdsv2Of({ mode, settings }: SidecarPlan): InjectedSidecarSettings['sidecarImdsv2'] {
  return mode === 'credentials' ? 'required' : settings.sidecarImdsv2;
}

/**
 * Returns the init container that loads the rules and ends. It has the one capability that it needs, and runs
 * as root, since another user would not get the capability.
 */
function redirectContainer({ image, settings }: SidecarPlan): NamedObject {
  return {
    name: INJECTED_CONTAINER.redirect,
    image,
    command: ['podrole', 'redirect'],
    args: [`--port=${settings.sidecarPort}`],
    resources: resourcesOf(settings),
    securityContext: confined({ runAsNonRoot: false, runAsUser: 0, runAsGroup: 0 }, ['NET_ADMIN']),
  };
}

/** The API server refuses Linux fields in a pod whose os.name is windows. */
const WINDOWS_CONTEXT = { runAsNonRoot: true, windowsOptions: { runAsUserName: 'ContainerUser' } } as const;

function confinedAs(userId: number): JsonObject {
  return confined({ runAsNonRoot: true, runAsUser: userId, runAsGroup: SIDECAR_USER_ID }, []);
}

/**
 * Returns the context that Pod Security "restricted" requires, except for the user and a capability. [k8s]
 * "Pod Security Standards"
 */
function confined(user: JsonObject, added: readonly string[]): JsonObject {
  return {
    ...user,
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], ...(added.length > 0 ? { add: added } : {}) },
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

function resourcesOf(settings: InjectedSidecarSettings): JsonObject {
  const amounts = (kind: string, cpu: string, memory: string) =>
    cpu || memory ? { [kind]: { ...(cpu && { cpu }), ...(memory && { memory }) } } : {};
  return {
    ...amounts('requests', settings.sidecarCpuRequest, settings.sidecarMemoryRequest),
    ...amounts('limits', settings.sidecarCpuLimit, settings.sidecarMemoryLimit),
  };
}
