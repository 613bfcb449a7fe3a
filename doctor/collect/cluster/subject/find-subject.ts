import { narrowSelector, selectorText } from '../../../../kubernetes/label-selector.ts';
import { subjectPath, subjectResource } from '../../../../kubernetes/subject-path.ts';
import { PodroleError } from '../../../../lib/errors.ts';
import { asObject, asText, type JsonObject } from '../../../../lib/json/json.ts';
import { describeSubject, type Subject } from '../../../../lib/operands/subjects.ts';
import type { PodFacts } from '../../../facts/pod-facts.ts';
import type { Reading } from '../../../facts/reading.ts';
import type { KnownAnnotations } from '../narrow/kept-annotations.ts';
import { narrowPod } from '../narrow/narrow-pod.ts';
import { type ClusterAccess, getObject, mapReading } from '../read/read-cluster.ts';
import { newestPod, type OwnerTest } from './newest-pod.ts';
import type { PodsTogether } from './pods-together.ts';

export interface FoundSubject {
  readonly serviceAccountName: string;
  /** The pod to judge. */
  readonly pod: Reading<PodFacts>;
  /** Template of the pods of a workload. */
  readonly template: PodFacts | undefined;
}

export interface SubjectAccess extends ClusterAccess {
  readonly settings: KnownAnnotations;
  /** Undefined: each subject has its own lists, of its own pods. */
  readonly together?: PodsTogether | undefined;
}

/** Label that every pod of a Job has. [k8s] well-known labels */
const JOB_NAME_LABEL = 'batch.kubernetes.io/job-name';

type WorkloadKind = Exclude<Subject['kind'], 'pod' | 'serviceaccount'>;

/**
 * Finds the ServiceAccount of a subject, and the pod of it that is judged: the newest one.
 * @throws PodroleError `SUBJECT_MISSING`; `API_REFUSED` or `API_UNREACHABLE` if the subject cannot be read
 */
export async function findSubject(access: SubjectAccess, subject: Subject): Promise<FoundSubject> {
  const { kind, namespace, name } = subject;
  if (kind === 'serviceaccount') {
    const pod = await podOfAccount(access, namespace, name);
    return { serviceAccountName: name, pod, template: undefined };
  }
  if (kind === 'pod') {
    const pod = await subjectObject(access, subject);
    return {
      serviceAccountName: serviceAccountOf(asObject(pod['spec'])),
      pod: { state: 'read', value: narrowPod(pod, access.settings) },
      template: undefined,
    };
  }
  return findWorkload(access, { kind, namespace, name });
}

async function podOfAccount(
  access: SubjectAccess,
  namespace: string,
  name: string,
): Promise<Reading<PodFacts>> {
  if (access.together) return access.together.podOf(namespace, name);
  const pod = await newestPod(access, namespace, { fieldSelector: `spec.serviceAccountName=${name}` });
  return mapReading(pod, (found) => narrowPod(found, access.settings));
}

async function findWorkload(
  access: SubjectAccess,
  subject: Subject & { readonly kind: WorkloadKind },
): Promise<FoundSubject> {
  const workload = await subjectObject(access, subject);
  const { settings } = access;
  const template = templateOf(subject.kind, workload);
  const pod = await podOfWorkload(access, subject, workload);
  return {
    serviceAccountName: serviceAccountOf(asObject(template?.['spec'])),
    pod: mapReading(pod, (found) => narrowPod(found, settings)),
    template: template && narrowPod(template, settings),
  };
}

async function subjectObject(access: ClusterAccess, subject: Subject): Promise<JsonObject> {
  const { kind, namespace, name } = subject;
  const object = describeSubject(subject);
  const needs = `get on ${subjectResource(kind)} in the namespace ${namespace}`;
  const found = await getObject(access, subjectPath(kind, namespace, name), needs, (value) => value);
  if (found.state === 'read') return found.value;
  if (found.state === 'absent') throw subjectMissing(subject);
  const problem = 'said' in found ? found.said : 'was not read';
  const known = found.state === 'failed' ? found.remedy : undefined;
  const remedy =
    found.state === 'denied' ? `you need this right: ${needs}` : (known ?? 'check that kubectl can read it');
  const isRefused = found.state === 'denied' || known !== undefined;
  const code = isRefused ? 'API_REFUSED' : 'API_UNREACHABLE';
  throw new PodroleError({ code, object, problem, remedy });
}

export function subjectMissing(subject: Subject): PodroleError {
  return new PodroleError({
    code: 'SUBJECT_MISSING',
    object: describeSubject(subject),
    problem: 'does not exist',
    remedy:
      subject.kind === 'serviceaccount'
        ? 'correct its name, or give its namespace with --namespace; for a pod or a workload, write pod/NAME or deployment/NAME'
        : 'correct its name, or give its namespace with --namespace',
  });
}

function templateOf(kind: WorkloadKind, workload: JsonObject): JsonObject | undefined {
  const spec = asObject(workload['spec']);
  const ofJob = kind === 'cronjob' ? asObject(asObject(spec?.['jobTemplate'])?.['spec']) : spec;
  return asObject(ofJob?.['template']);
}

function serviceAccountOf(spec: JsonObject | undefined): string {
  return asText(spec?.['serviceAccountName']) || asText(spec?.['serviceAccount']) || 'default';
}

function podOfWorkload(
  access: ClusterAccess,
  { kind, namespace, name }: Subject & { readonly kind: WorkloadKind },
  workload: JsonObject,
): Promise<Reading<JsonObject>> {
  if (kind === 'cronjob')
    return newestPod(access, namespace, { labelSelector: JOB_NAME_LABEL }, OWNERS.cronjob(name));
  const labelSelector = selectorText(narrowSelector(asObject(asObject(workload['spec'])?.['selector'])));
  if (labelSelector === '') return Promise.resolve({ state: 'absent' });
  return newestPod(access, namespace, { labelSelector }, OWNERS[kind](name));
}

/**
 * Controllers of the pods of a workload. A CronJob `backup` must not get the pods of `backup-db`: the name of
 * a Job is that of its CronJob and a time, that of a ReplicaSet is that of its Deployment and a hash.
 */
const OWNERS: Readonly<Record<WorkloadKind, (name: string) => OwnerTest>> = {
  cronjob: (name) => startsWith(`Job/${name}-`, /^\d+$/),
  deployment: (name) => startsWith(`ReplicaSet/${name}-`, /^[a-z0-9]+$/),
  statefulset: (name) => (owner) => owner === `StatefulSet/${name}`,
  daemonset: (name) => (owner) => owner === `DaemonSet/${name}`,
  job: (name) => (owner) => owner === `Job/${name}`,
};

function startsWith(start: string, rest: RegExp): OwnerTest {
  return (owner) => owner.startsWith(start) && rest.test(owner.slice(start.length));
}
