import { DNS_LABEL_MAX_LENGTH, GENERATED_NAME } from '../lib/contract/kubernetes.ts';
import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { type FoundObject, metadataOf, objectsIn } from '../lib/kubernetes-objects.ts';

/** A pod, or the template of pods, within an object of a manifest. */
export interface FoundPod {
  /** `Deployment shop/web`. */
  readonly object: string;
  readonly namespace: string;
  /** `metadata` and `spec`. */
  readonly pod: JsonObject;
  /** Most characters that the names of its pods can have; absent if unknown. */
  readonly podNameMaxLength?: number;
  /** Path from the document to it: members and indices. */
  readonly path: readonly (string | number)[];
}

interface Workload {
  /** API groups that contain the kind; the empty one is the core group. */
  readonly groups: readonly string[];
  /** Path of its pod template; empty for a pod itself. */
  readonly template: readonly string[];
  /** Most characters that its controllers append to its name for the name of a pod; absent if unknown. */
  readonly appended?: number;
}

const APP: Workload = { groups: ['apps', 'extensions'], template: ['spec', 'template'] };

/** A dash and the API server's five random characters. */
const RANDOM = 1 + GENERATED_NAME.suffixLength;
/** A dash and a 32-bit number: a ReplicaSet's hash, a StatefulSet's ordinal, the index of an indexed Job. */
const NUMBER = 1 + 10;
/** A dash and the minutes since 1970, which a CronJob appends to the names of its Jobs. */
const MINUTES = 1 + 8;

/**
 * Kubernetes API reference 1.36: the kinds that hold a pod template; their controllers' sources: how they
 * name pods.
 */
const WORKLOADS: Readonly<Record<string, Workload>> = {
  Pod: { groups: [''], template: [] },
  PodTemplate: { groups: [''], template: ['template'] },
  ReplicationController: { groups: [''], template: ['spec', 'template'], appended: RANDOM },
  Deployment: { ...APP, appended: NUMBER + RANDOM },
  StatefulSet: { ...APP, appended: NUMBER },
  DaemonSet: { ...APP, appended: RANDOM },
  ReplicaSet: { ...APP, appended: RANDOM },
  Job: { groups: ['batch'], template: ['spec', 'template'], appended: NUMBER + RANDOM },
  CronJob: {
    groups: ['batch'],
    template: ['spec', 'jobTemplate', 'spec', 'template'],
    appended: MINUTES + NUMBER + RANDOM,
  },
};

/** The pods and pod templates in the value of a document: in the object itself, or in the items of a List. */
export function findPods(document: unknown, defaultNamespace: string): FoundPod[] {
  const root = asObject(document);
  return root ? [...objectsIn(root)].flatMap((found) => podOf(found, defaultNamespace)) : [];
}

function podOf({ object, type, path }: FoundObject, defaultNamespace: string): FoundPod[] {
  const kind = asText(type.kind) ?? '';
  const workload = Object.hasOwn(WORKLOADS, kind) ? WORKLOADS[kind] : undefined;
  if (!workload || !isOfGroup(type.apiVersion, workload.groups)) return [];
  const pod = workload.template.reduce<JsonObject | undefined>((at, key) => asObject(at?.[key]), object);
  // Without containers it is not a pod, but a patch of one.
  if (!pod || !asArray(asObject(pod['spec'])?.['containers'])) return [];
  const metadata = metadataOf(object);
  const namespace = asText(metadata?.['namespace']) || defaultNamespace;
  const name = asText(metadata?.['name']);
  const shown = name || asText(metadata?.['generateName']) || '';
  return [
    {
      object: `${kind} ${namespace}/${shown}`,
      namespace,
      pod,
      path: [...path, ...workload.template],
      ...(name && workload.appended
        ? { podNameMaxLength: Math.min(name.length + workload.appended, DNS_LABEL_MAX_LENGTH) }
        : {}),
    },
  ];
}

/** A Job of another group is another kind of object. */
function isOfGroup(apiVersion: unknown, groups: readonly string[]): boolean {
  const text = asText(apiVersion);
  if (text === undefined) return true;
  const slash = text.lastIndexOf('/');
  return groups.includes(slash < 0 ? '' : text.slice(0, slash));
}

/**
 * Returns the value with replacements at these paths. Objects off the paths are not copied, and each list is
 * copied once.
 */
export function withValuesAt(
  root: unknown,
  replacements: readonly { readonly path: FoundPod['path']; readonly value: unknown }[],
): unknown {
  const copies = new Set<unknown>();
  const copyOf = (value: unknown): Record<string | number, unknown> => {
    const list = asArray(value);
    const copy: unknown = copies.has(value) ? value : list ? [...list] : { ...asObject(value) };
    copies.add(copy);
    return copy as Record<string | number, unknown>;
  };
  let result = root;
  for (const { path, value } of replacements) {
    const last = path.at(-1);
    if (last === undefined) {
      result = value;
      continue;
    }
    let at = copyOf(result);
    result = at;
    for (const key of path.slice(0, -1)) {
      const next = copyOf(at[key]);
      at[key] = next;
      at = next;
    }
    at[last] = value;
  }
  return result;
}
