import { ENV, INJECTED_CONTAINER, SIDECAR_USER_ID, TOPOLOGY_LABEL } from '../lib/contract.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Grant } from './grants.ts';
import type { Named } from './pod-parts.ts';
import type { SidecarPlan } from './sidecar-plan.ts';
import type { SidecarSettings } from './sidecar-settings.ts';

/** What is added to a pod, by the list that it is added to, in its order there. */
export interface SidecarContainers {
  readonly initContainers: readonly Named[];
  readonly containers: readonly Named[];
}

/** How long the pod's own containers wait for the first credentials before the sidecar is started anew. */
const STARTUP_PROBE = { periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 120 } as const;

/**
 * The containers of a plan.
 * @param grant what the pod's containers get: the sidecar exchanges the same token for the same role under the same session name
 * @param userId of the sidecar: sidecar-user.ts
 */
export function sidecarContainers(plan: SidecarPlan, grant: Grant, userId: number): SidecarContainers {
  const isNative = plan.settings.sidecarMode === 'native';
  const sidecar = sidecarContainer(plan, grant, userId, isNative);
  const redirect = plan.mode === 'metadata' ? [redirectContainer(plan)] : [];
  return isNative
    ? { initContainers: [...redirect, sidecar], containers: [] }
    : { initContainers: redirect, containers: [sidecar] };
}

function sidecarContainer(plan: SidecarPlan, grant: Grant, userId: number, isNative: boolean): Named {
  const { sidecarPort, sidecarImdsv2 } = plan.settings;
  const command = ['podrole', 'sidecar'];
  return {
    name: INJECTED_CONTAINER.sidecar,
    image: plan.image,
    command,
    args: [`--port=${sidecarPort}`, `--imdsv2=${sidecarImdsv2}`],
    // What makes an init container a sidecar that starts before and ends after all others. [k8s] "Sidecar containers"
    ...(isNative ? { restartPolicy: 'Always' } : {}),
    env: [
      ...grant.env.filter(([part]) => part !== 'sidecar').flatMap(([, variables]) => variables),
      fromLabel(ENV.topologyRegion, TOPOLOGY_LABEL.region),
      fromLabel(ENV.topologyZone, TOPOLOGY_LABEL.zone),
    ],
    startupProbe: { exec: { command: [...command, '--probe', `--port=${sidecarPort}`] }, ...STARTUP_PROBE },
    resources: resourcesOf(plan.settings),
    securityContext: plan.isWindows
      ? // The API server refuses the fields of Linux in a pod whose os.name is windows.
        { runAsNonRoot: true, windowsOptions: { runAsUserName: 'ContainerUser' } }
      : confined({ runAsNonRoot: true, runAsUser: userId, runAsGroup: SIDECAR_USER_ID }, []),
    volumeMounts: [grant.mount],
  };
}

/** Loads the rules and ends. The one capability it needs, and root, since a capability is not handed to another user. */
function redirectContainer({ image, settings }: SidecarPlan): Named {
  return {
    name: INJECTED_CONTAINER.redirect,
    image,
    command: ['podrole', 'redirect'],
    args: [`--port=${settings.sidecarPort}`],
    resources: resourcesOf(settings),
    securityContext: confined({ runAsNonRoot: false, runAsUser: 0, runAsGroup: 0 }, ['NET_ADMIN']),
  };
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

function resourcesOf(settings: SidecarSettings): JsonObject {
  const amounts = (kind: string, cpu: string, memory: string) =>
    cpu || memory ? { [kind]: { ...(cpu && { cpu }), ...(memory && { memory }) } } : {};
  return {
    ...amounts('requests', settings.sidecarCpuRequest, settings.sidecarMemoryRequest),
    ...amounts('limits', settings.sidecarCpuLimit, settings.sidecarMemoryLimit),
  };
}

/** A variable with the value of one of the pod's labels, empty where it has none of that name. [k8s] downward API */
function fromLabel(name: string, label: string): Named {
  return { name, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${label}']` } } };
}
