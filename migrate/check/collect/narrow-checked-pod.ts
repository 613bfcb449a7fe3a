import { narrowPod } from '../../../doctor/collect/cluster/narrow/narrow-pod.ts';
import { webIdentityOf } from '../../../doctor/workload/mounted-token.ts';
import { INJECTED_CONTAINER } from '../../../lib/contract/podrole.ts';
import { asObject, asText, type JsonObject, objectsOf } from '../../../lib/json/json.ts';
import { metadataOf } from '../../../lib/kubernetes-objects.ts';
import { nameOf } from '../../../pods/pod-parts.ts';
import type { CheckedPod } from '../facts.ts';
import type { AddressedPod } from '../log/find-asker.ts';

/** A pod as far as a check needs it. */
export interface NarrowedPod {
  readonly checked: CheckedPod;
  readonly addressed: AddressedPod;
  /** Addresses of its node. */
  readonly nodeAddresses: readonly string[];
}

/** @param roleAnnotation annotation by which pods name their role for the proxy */
export function narrowCheckedPod(pod: JsonObject, roleAnnotation: string): NarrowedPod {
  const { namespace, name, node, hostNetwork, phase, containers, tokenVolumes } = narrowPod(pod);
  const metadata = metadataOf(pod);
  const status = asObject(pod['status']);
  const isAlive = phase !== 'Succeeded' && phase !== 'Failed';
  const startedMs = msOf(status?.['startTime']);
  const hasToken = containers.some(
    (each) => webIdentityOf({ tokenVolumes, containers }, each)?.token !== undefined,
  );
  const hasSidecar = containers.some((each) => each.name === INJECTED_CONTAINER.sidecar);
  return {
    checked: {
      namespace,
      name,
      workload: workloadOf(metadata, name),
      node,
      startedMs,
      isAlive,
      isHostNetwork: hostNetwork,
      role: asText(asObject(metadata?.['annotations'])?.[roleAnnotation]) || undefined,
      identity: hasSidecar ? 'sidecar' : hasToken ? 'web identity' : undefined,
    },
    addressed: {
      pod: `${namespace}/${name}`,
      addresses: addressesIn(status, 'podIP', 'podIPs'),
      isHostNetwork: hostNetwork,
      startedMs,
      endedMs: isAlive ? undefined : endOf(status),
    },
    nodeAddresses: addressesIn(status, 'hostIP', 'hostIPs'),
  };
}

/** Hash at the end of the name of a ReplicaSet. [k8s] DefaultDeploymentUniqueLabelKey */
const HASH_LABEL = 'pod-template-hash';
/** Time of the run, in minutes, at the end of the name of a Job. [k8s] cronjob controller, getJobName */
const OF_CRON_JOB = /^(.+)-\d{8,10}$/;

/** Returns the object that a person rolls out, by the names that the controllers of Kubernetes make. */
function workloadOf(metadata: JsonObject | undefined, pod: string): CheckedPod['workload'] {
  const owner = objectsOf(metadata?.['ownerReferences']).find((each) => each['controller'] === true);
  const kind = asText(owner?.['kind']);
  const name = nameOf(owner);
  if (kind === undefined || name === undefined) return { kind: 'Pod', name: pod };
  const hash = asText(asObject(metadata?.['labels'])?.[HASH_LABEL]);
  if (kind === 'ReplicaSet' && hash && name.endsWith(`-${hash}`))
    return { kind: 'Deployment', name: name.slice(0, -hash.length - 1) };
  const [, cronJob] = kind === 'Job' ? (OF_CRON_JOB.exec(name) ?? []) : [];
  return cronJob === undefined ? { kind, name } : { kind: 'CronJob', name: cronJob };
}

function addressesIn(status: JsonObject | undefined, one: string, all: string): readonly string[] {
  const listed = objectsOf(status?.[all]).map(({ ip }) => asText(ip));
  return [...new Set([asText(status?.[one]), ...listed])].filter((address) => address !== undefined);
}

/** Returns when the last container ended, to the end of that second; undefined if that is not known. */
function endOf(status: JsonObject | undefined): number | undefined {
  const ends = objectsOf(status?.['containerStatuses']).map(({ state }) =>
    msOf(asObject(asObject(state)?.['terminated'])?.['finishedAt']),
  );
  const known = ends.filter((end) => end !== undefined);
  return known.length === ends.length && known.length > 0
    ? known.reduce((last, end) => Math.max(last, end), 0) + 999
    : undefined;
}

/** Milliseconds since 1970 of a time of Kubernetes. */
export function msOf(value: unknown): number | undefined {
  const ms = Date.parse(asText(value) ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
