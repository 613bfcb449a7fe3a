import { SKIP_POD_LABEL } from '../../lib/contract/aws-webhook.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { controllerOf, describeWorkload, isRestartable, type Workload, workloadPath } from './workload.ts';

/** Pods of one ServiceAccount and their owners, as raw objects. */
export interface RunningPods {
  readonly pods: readonly JsonObject[];
  /** By `KIND NAMESPACE/NAME`: ReplicaSets, Jobs and workloads that the pods belong to. */
  readonly owners: ReadonlyMap<string, JsonObject>;
}

/** Role that pods of a ServiceAccount should have. */
export interface WantedRole {
  readonly roleArn: string;
  /** The one container that should have it. Left out: each that has no role of its own. */
  readonly container?: string | undefined;
  /** Containers with roles of their own. Left out: none. */
  readonly othersRoles?: ReadonlySet<string> | undefined;
}

export interface WorkloadToRestart extends Workload {
  /** Its running pods without the role. */
  readonly pods: number;
  /** Role that they have instead: `no role`, `arn:…`. */
  readonly has: string;
  /** Undefined if podrole can restart it, else the instruction for a person. */
  readonly byHand: string | undefined;
}

/**
 * Returns the workloads whose running pods lack the role: pods keep the role that they had when they were
 * created.
 * @param wanted role of the ServiceAccount's annotation
 */
export function workloadsToRestart(
  { pods, owners }: RunningPods,
  wanted: WantedRole,
): readonly WorkloadToRestart[] {
  const found = new Map<string, WorkloadToRestart>();
  for (const pod of pods) {
    if (!isRunning(pod)) continue;
    const containers = containersOf(pod, wanted);
    const roles = rolesOf(containers ?? []);
    if (!containers || roles.includes(wanted.roleArn)) continue;
    const workload = workloadOf(pod, owners);
    const key = describeWorkload(workload);
    const byHand = reasonByHand(workload, owners.get(key));
    const has = roles.length > 0 ? roles.join(', ') : 'no role';
    found.set(key, { ...workload, has, byHand, pods: (found.get(key)?.pods ?? 0) + 1 });
  }
  return [...found.values()];
}

/** False for a pod that ends, that has ended, or that opted out of a role. */
function isRunning(pod: JsonObject): boolean {
  const metadata = metadataOf(pod);
  const phase = asText(asObject(pod['status'])?.['phase']);
  const isSkipped = asObject(metadata?.['labels'])?.[SKIP_POD_LABEL] !== undefined;
  return (
    phase !== 'Succeeded' && phase !== 'Failed' && metadata?.['deletionTimestamp'] === undefined && !isSkipped
  );
}

/** Returns the containers of a pod that should have the role; undefined if it concerns none of them. */
function containersOf(
  pod: JsonObject,
  { container, othersRoles = new Set() }: WantedRole,
): readonly unknown[] | undefined {
  const spec = asObject(pod['spec']);
  const all = [...list(spec, 'initContainers'), ...list(spec, 'containers')];
  const found = all.filter((raw) => {
    const name = asText(asObject(raw)?.['name']) ?? '';
    return container === undefined ? !othersRoles.has(name) : name === container;
  });
  const isConcerned = found.length > 0 || (container === undefined && all.length === 0);
  return isConcerned ? found : undefined;
}

/** Returns the roles in the environment of containers. */
function rolesOf(containers: readonly unknown[]): readonly string[] {
  const roles = containers.flatMap((container) =>
    list(asObject(container), 'env').flatMap((variable) => {
      const { name, value } = asObject(variable) ?? {};
      return name === ENV.roleArn && typeof value === 'string' ? [value] : [];
    }),
  );
  return [...new Set(roles)];
}

/**
 * Returns the topmost owner, or the pod itself if it has none. Owners that own each other end the search: the
 * API server lets anybody write such references.
 */
function workloadOf(pod: JsonObject, owners: RunningPods['owners']): Workload {
  let object: JsonObject | undefined = pod;
  const metadata = metadataOf(pod);
  let workload: Workload = {
    kind: 'Pod',
    namespace: asText(metadata?.['namespace']) ?? '',
    name: asText(metadata?.['name']) ?? '',
  };
  const seen = new Set<string>();
  while (object) {
    const owner = controllerOf(object);
    if (!owner || seen.has(describeWorkload(owner))) break;
    workload = owner;
    seen.add(describeWorkload(owner));
    object = owners.get(describeWorkload(owner));
  }
  return workload;
}

function reasonByHand(workload: Workload, object: JsonObject | undefined): string | undefined {
  const { kind } = workload;
  const spec = asObject(object?.['spec']);
  if (isRestartable(workload)) {
    if (workloadPath(workload) === undefined)
      return 'no object can have such a name: find out who created its pods';
    if (asObject(spec?.['updateStrategy'])?.['type'] === 'OnDelete') {
      return 'its update strategy is OnDelete: delete its pods';
    }
    return spec?.['paused'] === true ? 'its rollout is paused: resume it, then restart it' : undefined;
  }
  if (kind === 'Job') return 'a Job keeps its pods: delete it and create it again if its pods need the role';
  if (kind === 'CronJob') return 'its next run has the role';
  if (kind === 'Pod') return 'it has no owner that replaces it: delete it and create it again';
  return `delete its pods, or restart it by the means of ${kind}`;
}

function list(object: JsonObject | undefined, member: string): readonly unknown[] {
  return asArray(object?.[member]) ?? [];
}
