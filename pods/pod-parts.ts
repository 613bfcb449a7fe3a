import { DNS_SUBDOMAIN_MAX_LENGTH, WINDOWS_NODE } from '../lib/contract/kubernetes.ts';
import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { metadataOf } from '../lib/kubernetes-objects.ts';

/** A variable, a volume or a mount as podrole writes it. */
export type NamedObject = JsonObject & { readonly name: string };

/** The three lists of containers in a pod's spec. */
export const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/**
 * Most containers of one list that get an identity; no node runs as many. A pod may have some 30,000 in the
 * 1.5 MiB that etcd accepts. Each that gets an identity adds some 700 bytes to the answer, and up to 700 more
 * with endpoints, CA certificates, agent and target role: a thousand of them stay below 1.5 MiB.
 */
export const MAX_CONTAINERS = 1_000;

/** Returns a list that may be absent or null; undefined if it is anything else. */
export function listOf(value: unknown): readonly unknown[] | undefined {
  return value === undefined || value === null ? [] : asArray(value);
}

/** Returns the `name` of a container, a variable, a volume or a mount. */
export function nameOf(item: unknown): string | undefined {
  return asText(asObject(item)?.['name']);
}

/** Returns the field of the pod from which a variable takes its value by the downward API. */
export function fieldPathOf(variable: JsonObject): unknown {
  return asObject(asObject(variable['valueFrom'])?.['fieldRef'])?.['fieldPath'];
}

/** True if a container mounts the volume of that name. */
export function mountsVolume(container: unknown, volume: string): boolean {
  return asArray(asObject(container)?.['volumeMounts'])?.some((mount) => nameOf(mount) === volume) ?? false;
}

/** True if a volume projects a ServiceAccount token, alone or with other sources. */
export function projectsToken(volume: unknown): boolean {
  const sources = asArray(asObject(asObject(volume)?.['projected'])?.['sources']);
  return (
    sources?.some((source) => asObject(asObject(source)?.['serviceAccountToken']) !== undefined) ?? false
  );
}

/** Returns the projection of a volume that projects one ServiceAccount token and nothing else. */
export function soleTokenOf(volume: unknown): JsonObject | undefined {
  const sources = asArray(asObject(asObject(volume)?.['projected'])?.['sources']);
  return sources?.length === 1 ? asObject(asObject(sources[0])?.['serviceAccountToken']) : undefined;
}

/**
 * True if the pod runs on Windows: by `os.name`, else by the labels that the AWS webhook checks in the
 * nodeSelector. A node of another system than `os.name` refuses the pod. [webhook], [k8s] PodOS
 */
export function runsOnWindows(spec: JsonObject | undefined): boolean {
  const os = asText(asObject(spec?.['os'])?.['name']);
  if (os) return os === WINDOWS_NODE.value;
  const nodeSelector = asObject(spec?.['nodeSelector']);
  return WINDOWS_NODE.labels.some((label) => nodeSelector?.[label] === WINDOWS_NODE.value);
}

/**
 * Returns the name of a pod for warnings. A template, and a pod that is named after admission, have only a
 * part of it.
 */
export function podNameForWarnings(namespace: string, pod: JsonObject): string {
  const metadata = metadataOf(pod);
  const name = asText(metadata?.['name'])?.slice(0, DNS_SUBDOMAIN_MAX_LENGTH);
  const base = asText(metadata?.['generateName'])?.slice(0, DNS_SUBDOMAIN_MAX_LENGTH);
  if (name) return `Pod ${namespace}/${name}`;
  return base ? `Pod ${namespace}/${base}*` : `Pod in ${namespace}`;
}
