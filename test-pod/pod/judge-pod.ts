import type { Fault } from '../../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';

/** State of the test pod, as far as it has come. */
export interface PodProgress {
  /** Name of its node. */
  readonly node?: string | undefined;
  readonly hasStarted: boolean;
  readonly ended?: { readonly exitCode: number; readonly message: string; readonly reason: string };
  /** Reason why it does not go on. */
  readonly trouble?: Trouble | undefined;
}

/** Event of the pod. */
export interface PodEvent {
  readonly reason: string;
  readonly message: string;
}

export interface Trouble {
  readonly fault: Fault;
  /** It will not pass by itself. */
  readonly isFinal: boolean;
}

/** Reasons for which kubelet waits and that do not pass by themselves, each with its remedy. */
const FINAL_REASONS: Readonly<Record<string, string>> = {
  ImagePullBackOff:
    'push the image where nodes pull it, name another one by --image, or give the ServiceAccount imagePullSecrets',
  ErrImageNeverPull: 'load the image into the node, or name another one by --image',
  InvalidImageName: 'correct --image',
  CreateContainerConfigError: 'fix what it names',
  CreateContainerError: 'fix what it names',
  RunContainerError: 'check that the image is podrole',
  CrashLoopBackOff: 'see the log of this container',
};

/** Remedies for warnings among the events of the pod, by reason. */
const EVENT_REMEDIES: Readonly<Record<string, string>> = {
  FailedMount:
    'create what it names; for a token, check that the API server has an issuer and accepts the audience',
  FailedCreatePodSandBox: 'check the network plugin and the container runtime of the node',
  Unhealthy: 'see the log of the container podrole-sidecar',
  FailedScheduling: 'wait for a node, or make room for 50m of CPU and 64Mi of memory on a Linux node',
};

/** Most characters of a status or an event that an error repeats. */
const MAX_SAID_LENGTH = 600;

/** Words of the sidecar's probe for a refusal that waiting does not change. */
const REFUSED = /STS_REFUSED|AccessDenied|InvalidIdentityToken/;

/**
 * Judges the pod by its status and its events.
 * @param events of this pod, the oldest first
 */
export function judgePod(pod: JsonObject, events: readonly PodEvent[], container: string): PodProgress {
  const status = asObject(pod['status']);
  const own = statusesIn(status, 'containerStatuses').find(({ name }) => name === container);
  const terminated = asObject(own?.state?.['terminated']);
  const node = asText(asObject(pod['spec'])?.['nodeName']);
  const progress = { node, hasStarted: own?.state?.['running'] !== undefined || terminated !== undefined };
  if (terminated) {
    const exitCode = Number(terminated['exitCode'] ?? 1);
    const [message, reason] = [asText(terminated['message']) ?? '', asText(terminated['reason']) ?? ''];
    return { ...progress, ended: { exitCode, message, reason } };
  }
  const object = `pod ${asText(metadataOf(pod)?.['namespace'])}/${asText(metadataOf(pod)?.['name'])}`;
  return { ...progress, trouble: troubleOf(object, status, events) };
}

function troubleOf(
  object: string,
  status: JsonObject | undefined,
  events: readonly PodEvent[],
): Trouble | undefined {
  const fault = (said: string, remedy: string): Fault => {
    const problem = said.slice(0, MAX_SAID_LENGTH);
    return { code: 'TEST_POD_NOT_STARTED', object, problem, remedy };
  };
  if (status?.['phase'] === 'Failed') {
    const said = `${asText(status['reason']) ?? 'it failed'} ${asText(status['message']) ?? ''}`.trim();
    return { fault: fault(`has ended: ${said}`, 'fix what it names'), isFinal: true };
  }
  for (const { name, state } of [
    ...statusesIn(status, 'initContainerStatuses'),
    ...statusesIn(status, 'containerStatuses'),
  ]) {
    const waiting = asObject(state?.['waiting']);
    const remedy = remedyOf(FINAL_REASONS, waiting?.['reason']);
    const ended = asObject(state?.['terminated']);
    if (waiting && remedy !== undefined) {
      const said = [waiting['reason'], waiting['message']].filter(Boolean).join(': ');
      return { fault: fault(`container ${name} does not start: ${said}`, remedy), isFinal: true };
    }
    if (ended && Number(ended['exitCode']) !== 0) {
      const said = [`exit code ${String(ended['exitCode'])}`, ended['message']].filter(Boolean).join(': ');
      return { fault: fault(`container ${name} has ended: ${said}`, 'see its log'), isFinal: true };
    }
  }
  const event = events.findLast(({ reason }) => remedyOf(EVENT_REMEDIES, reason) !== undefined);
  if (!event) return undefined;
  const { reason, message } = event;
  return {
    fault: fault(`${reason}: ${message}`, remedyOf(EVENT_REMEDIES, reason) ?? ''),
    isFinal: reason === 'Unhealthy' && REFUSED.test(message),
  };
}

/** Returns the remedy for a reason. A tenant can write an event with the reason `constructor`. */
function remedyOf(remedies: Readonly<Record<string, string>>, reason: unknown): string | undefined {
  return typeof reason === 'string' && Object.hasOwn(remedies, reason) ? remedies[reason] : undefined;
}

interface ContainerStatus {
  readonly name: string;
  readonly state: JsonObject | undefined;
}

function statusesIn(status: JsonObject | undefined, list: string): readonly ContainerStatus[] {
  return (asArray(status?.[list]) ?? []).map((each) => {
    const object = asObject(each);
    return { name: asText(object?.['name']) ?? '', state: asObject(object?.['state']) };
  });
}
