import type { InjectedSidecarSettings } from '../../identity/sidecar-settings.ts';
import { INJECTED_CONTAINER, SIDECAR_USER_ID } from '../../lib/contract/podrole.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import type { Grant } from '../grants.ts';
import type { NamedObject } from '../pod-parts.ts';
import { INJECTED_NAMES, type SidecarPlan } from './plan.ts';
import { sidecarUserId } from './user.ts';
import { sidecarVariables } from './variables.ts';

/** What is added to a pod, by the list that it is added to, in its order there. */
export interface SidecarContainers {
  readonly initContainers: readonly NamedObject[];
  readonly containers: readonly NamedObject[];
}

/** How long the pod's own containers wait for the first credentials before the sidecar is started anew. */
const STARTUP_PROBE = { periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 120 } as const;

/** A plain container is told to end together with all others; within the usual 30 s of grace it outlives those that end in time. */
const SHUTDOWN_DELAY_SECONDS = 15;

/**
 * The containers of a plan.
 * @param grant what the pod's containers get: the sidecar exchanges the same token for the same role under the same session name
 * @param spec the pod's, with what its containers get
 */
export function sidecarContainers(plan: SidecarPlan, grant: Grant, spec: JsonObject): SidecarContainers {
  const isNative = plan.settings.sidecarMode === 'native';
  const sidecar: NamedObject = {
    ...sidecarContainer(plan, isNative),
    env: sidecarVariables(plan.access, grant, spec),
    volumeMounts: [grant.mount],
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
    // What makes an init container a sidecar that starts before and ends after all others. [k8s] "Sidecar containers"
    ...(isNative ? { restartPolicy: 'Always' } : {}),
    startupProbe: {
      exec: { command: ['podrole', 'probe', `--metrics-port=${sidecarMetricsPort}`] },
      ...STARTUP_PROBE,
    },
    resources: resourcesOf(plan.settings),
  };
}

/**
 * Without a redirect no SDK asks for instance metadata. Served without a session token, they would give whoever can make a program of the
 * pod send a GET request to loopback the same credentials, past the secret path.
 */
function imdsv2Of({ mode, settings }: SidecarPlan): InjectedSidecarSettings['sidecarImdsv2'] {
  return mode === 'credentials' ? 'required' : settings.sidecarImdsv2;
}

/** Loads the rules and ends. The one capability it needs, and root, since a capability is not handed to another user. */
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

/** The API server refuses the fields of Linux in a pod whose os.name is windows. */
const WINDOWS_CONTEXT = { runAsNonRoot: true, windowsOptions: { runAsUserName: 'ContainerUser' } } as const;

function confinedAs(userId: number): JsonObject {
  return confined({ runAsNonRoot: true, runAsUser: userId, runAsGroup: SIDECAR_USER_ID }, []);
}

/** What Pod Security "restricted" asks for, apart from the user and a capability that may be added. [k8s] "Pod Security Standards" */
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
