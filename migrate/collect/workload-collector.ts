import { narrowAuditPod } from '../../doctor/audit/collect/narrow-audit-pod.ts';
import { narrowPod } from '../../doctor/collect/cluster/narrow/narrow-pod.ts';
import { isMirrorPod } from '../../identity/mirror-pod.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import { asObject, asText, type JsonObject, objectsOf } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { compareText } from '../../lib/text/compare.ts';
import { nameOf } from '../../pods/pod-parts.ts';
import type { PodTemplateFacts, RunningPod, WorkloadFacts } from '../facts/workload-facts.ts';
import { templateOf, type WorkloadKind } from './kinds.ts';
import { narrowTemplate } from './narrow/narrow-template.ts';

/** Collects workloads and pods as lists come, and joins them by their owners. */
export interface WorkloadCollector {
  readonly addWorkload: (kind: WorkloadKind, object: JsonObject) => void;
  readonly addPod: (pod: JsonObject) => void;
  /** Returns each workload once, sorted by namespace, kind and name. */
  readonly workloads: () => readonly WorkloadFacts[];
}

interface Reference {
  readonly apiVersion: string | undefined;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

interface Known extends Reference {
  readonly owner: Reference | undefined;
  readonly template: PodTemplateFacts | undefined;
}

/** Owners of owners: a pod of a CronJob has two. Anybody may write longer chains, and circles. */
const MAX_OWNERS = 10;

/** @param roleKey annotation of pods that names the role */
export function createWorkloadCollector(roleKey: string): WorkloadCollector {
  const known = new Map<string, Known>();
  const pods: (Reference & { readonly owner: Reference | undefined; readonly pod: RunningPod })[] = [];
  return {
    addWorkload: (kind, object) => {
      const reference = referenceTo(kind, object);
      const owner = ownerOf(object);
      const template = templateOf(object, kind);
      if (isOver(kind, object)) return;
      known.set(keyOf(reference), {
        ...reference,
        owner,
        // That of its owner counts.
        template: owner || !template ? undefined : narrowTemplate(template, roleKey),
      });
    },
    addPod: (object) => {
      const phase = asText(asObject(object['status'])?.['phase']);
      if (phase === 'Succeeded' || phase === 'Failed') return;
      const reference = referenceTo({ kind: 'Pod', apiVersion: 'v1' }, object);
      pods.push({ ...reference, owner: ownerOf(object), pod: runningPod(object, roleKey) });
    },
    workloads: () => {
      const topmost = (start: Reference): Reference => {
        let found = start;
        for (let at = 0; at < MAX_OWNERS; at += 1) {
          const owner = known.get(keyOf(found))?.owner;
          if (!owner) break;
          found = owner;
        }
        return found;
      };
      const joined = new Map<
        string,
        { workload: Reference; template: PodTemplateFacts | undefined; pods: RunningPod[] }
      >();
      for (const { owner, template, ...workload } of known.values())
        if (!owner) joined.set(keyOf(workload), { workload, template, pods: [] });
      for (const { owner, pod, ...self } of pods) {
        const workload = owner && !pod.isStatic ? topmost(owner) : self;
        const key = keyOf(workload);
        const entry = joined.get(key) ?? {
          workload,
          template: owner && !pod.isStatic ? undefined : pod,
          pods: [],
        };
        entry.pods.push(pod);
        joined.set(key, entry);
      }
      return [...joined.entries()]
        .sort(([one], [other]) => compareText(one, other))
        .map(([, { workload, template, pods: own }]) => ({
          namespace: workload.namespace,
          apiVersion: workload.apiVersion,
          kind: workload.kind,
          name: workload.name,
          template,
          pods: own.sort((one, other) => compareText(one.name, other.name)),
        }));
    },
  };
}

function keyOf({ namespace, kind, name }: Reference): string {
  return [namespace, kind, name].join('\n');
}

function referenceTo(
  { kind, apiVersion }: Pick<WorkloadKind, 'kind' | 'apiVersion'>,
  object: JsonObject,
): Reference {
  const metadata = metadataOf(object);
  const name = nameOf(metadata) ?? asText(metadata?.['generateName']) ?? '';
  return { apiVersion, kind, namespace: asText(metadata?.['namespace']) ?? '', name };
}

/** [k8s] OwnerReference.controller */
function ownerOf(object: JsonObject): Reference | undefined {
  const metadata = metadataOf(object);
  const controller = objectsOf(metadata?.['ownerReferences']).find((each) => each['controller'] === true);
  const [kind, name] = [asText(controller?.['kind']), nameOf(controller)];
  if (!kind || !name) return undefined;
  const namespace = asText(metadata?.['namespace']) ?? '';
  return { apiVersion: asText(controller?.['apiVersion']), kind, namespace, name };
}

/** True for a workload that nothing else controls, and that may still start pods. */
export function startsPodsItself(kind: Pick<WorkloadKind, 'kind'>, object: JsonObject): boolean {
  return ownerOf(object) === undefined && !isOver(kind, object);
}

/** True for a Job that has ended: it starts no pod any more. [k8s] JobCondition */
function isOver({ kind }: Pick<WorkloadKind, 'kind'>, object: JsonObject): boolean {
  if (kind !== 'Job') return false;
  const conditions = objectsOf(asObject(object['status'])?.['conditions']);
  return conditions.some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
}

function runningPod(object: JsonObject, roleKey: string): RunningPod {
  const template = narrowTemplate(object, roleKey);
  const { roles } = narrowAuditPod(narrowPod(object));
  const injectedRoles = [...new Set(roles.map(({ roleArn }) => roleArn))];
  const injected: readonly string[] =
    injectedRoles.length > 0 ? [ENV.roleArn, ENV.webIdentityTokenFile, ENV.containerCredentialsFullUri] : [];
  return {
    ...template,
    ownVariables: template.ownVariables.filter((name) => !injected.includes(name)),
    name: nameOf(metadataOf(object)) ?? '',
    isStatic: isMirrorPod(asObject(metadataOf(object)?.['annotations']) ?? {}),
    injectedRoles,
  };
}
