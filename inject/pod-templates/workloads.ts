import { GENERATED_NAME } from '../../lib/contract/kubernetes.ts';
import { asText } from '../../lib/json/json.ts';
import { EACH, type TemplatePath, type ToldPath } from './template-path.ts';

/** A kind whose objects are pods or hold pod templates. */
interface Workload {
  readonly kinds: readonly string[];
  /** API groups that contain the kinds; the empty one is the core group. */
  readonly groups: readonly string[];
  /** Paths of its pod templates. */
  readonly templates: readonly TemplatePath[];
  /** Most characters that its controllers append to its name for the name of a pod; absent if unknown. */
  readonly appended?: number;
}

const SPEC_TEMPLATE = [['spec', 'template']] as const;

/** A dash and the API server's five random characters. */
const RANDOM = 1 + GENERATED_NAME.suffixLength;
/** A dash and a 32-bit number: a ReplicaSet's hash, a StatefulSet's ordinal, the index of an indexed Job. */
const NUMBER = 1 + 10;
/** A dash and the minutes since 1970, which a CronJob appends to the names of its Jobs. */
const MINUTES = 1 + 8;

const APP_GROUPS = ['apps', 'extensions'];

/**
 * Kubernetes API reference 1.36: the kinds that hold a pod template; their controllers' sources: how they
 * name pods.
 */
const OF_KUBERNETES: readonly Workload[] = [
  { kinds: ['Pod'], groups: [''], templates: [[]] },
  { kinds: ['PodTemplate'], groups: [''], templates: [['template']] },
  { kinds: ['ReplicationController'], groups: [''], templates: SPEC_TEMPLATE, appended: RANDOM },
  { kinds: ['Deployment'], groups: APP_GROUPS, templates: SPEC_TEMPLATE, appended: NUMBER + RANDOM },
  { kinds: ['StatefulSet'], groups: APP_GROUPS, templates: SPEC_TEMPLATE, appended: NUMBER },
  { kinds: ['DaemonSet', 'ReplicaSet'], groups: APP_GROUPS, templates: SPEC_TEMPLATE, appended: RANDOM },
  { kinds: ['Job'], groups: ['batch'], templates: SPEC_TEMPLATE, appended: NUMBER + RANDOM },
  {
    kinds: ['CronJob'],
    groups: ['batch'],
    templates: [['spec', 'jobTemplate', 'spec', 'template']],
    appended: MINUTES + NUMBER + RANDOM,
  },
];

/** Kinds of others, from the types in their sources. */
const OF_OTHERS: readonly Workload[] = [
  // Argo Rollouts makes ReplicaSets, and names them as a Deployment does.
  { kinds: ['Rollout'], groups: ['argoproj.io'], templates: SPEC_TEMPLATE, appended: NUMBER + RANDOM },
  {
    kinds: ['Experiment'],
    groups: ['argoproj.io'],
    templates: [['spec', 'templates', EACH, 'template']],
  },
  {
    kinds: ['AnalysisTemplate', 'ClusterAnalysisTemplate', 'AnalysisRun'],
    groups: ['argoproj.io'],
    templates: [['spec', 'metrics', EACH, 'provider', 'job', 'spec', 'template']],
  },
  { kinds: ['DeploymentConfig'], groups: ['apps.openshift.io'], templates: SPEC_TEMPLATE },
  { kinds: ['Service', 'Configuration'], groups: ['serving.knative.dev'], templates: SPEC_TEMPLATE },
  {
    kinds: ['CloneSet', 'StatefulSet', 'DaemonSet', 'BroadcastJob'],
    groups: ['apps.kruise.io'],
    templates: SPEC_TEMPLATE,
  },
  { kinds: ['ScaledJob'], groups: ['keda.sh'], templates: [['spec', 'jobTargetRef', 'template']] },
  {
    kinds: ['JobSet'],
    groups: ['jobset.x-k8s.io'],
    templates: [['spec', 'replicatedJobs', EACH, 'template', 'spec', 'template']],
  },
  {
    kinds: ['LeaderWorkerSet'],
    groups: ['leaderworkerset.x-k8s.io'],
    templates: ['leaderTemplate', 'workerTemplate'].map((member) => ['spec', 'leaderWorkerTemplate', member]),
  },
];

/** Kind and API version of an object of a manifest. */
export interface ObjectType {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
}

export interface KnownTemplates {
  /** Of kinds that podrole knows: an object that does not fit them is not valid. */
  readonly builtIn: readonly TemplatePath[];
  /** Of the user. */
  readonly told: readonly TemplatePath[];
  readonly appended?: number;
}

/**
 * Returns where the objects of a type hold their pod templates; undefined for a type that is not known to
 * hold any. An object without an API version, as in patches, is one of Kubernetes' own, or one that the user
 * names.
 */
export function knownTemplates(type: ObjectType, told: readonly ToldPath[]): KnownTemplates | undefined {
  const kind = asText(type.kind);
  const group = groupOf(type.apiVersion);
  const isOf = ({ kinds, groups }: Workload) =>
    kind !== undefined && kinds.includes(kind) && (group === undefined || groups.includes(group));
  const workload = OF_KUBERNETES.find(isOf) ?? (group === undefined ? undefined : OF_OTHERS.find(isOf));
  const paths = told.filter((one) => isTold(type, one)).map(({ path }) => path);
  if (!workload && paths.length === 0) return undefined;
  const { templates = [], appended } = workload ?? {};
  return { builtIn: templates, told: paths, ...(appended === undefined ? {} : { appended }) };
}

/** Returns true if the user named a path for objects of this type. */
export function isTold(type: ObjectType, { kind, group }: ToldPath): boolean {
  return type.kind === kind && (group === undefined || group === (groupOf(type.apiVersion) ?? group));
}

/** Returns the group of an API version, empty for the core's; undefined if there is none. */
export function groupOf(apiVersion: unknown): string | undefined {
  const text = asText(apiVersion);
  if (text === undefined) return undefined;
  const slash = text.lastIndexOf('/');
  return slash < 0 ? '' : text.slice(0, slash);
}
