import type { ApiAnswer, ApiClient, Limits } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import { apiRefused } from '../../kubernetes/api-refusal.ts';
import { readPages } from '../../kubernetes/read/read-pages.ts';
import { asObject, asText } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';

/** A role that running pods of a ServiceAccount name by an annotation. */
export interface PodRole {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** As it is written. */
  readonly given: string;
  /** Up to MOST_NAMES of the pods. */
  readonly pods: readonly string[];
  readonly podCount: number;
}

const MOST_NAMES = 20;
/** A longer value is not a role; a tenant may write 256 KiB. */
const GIVEN_MAX_LENGTH = 1_024;

const PARTS = {
  metadata: { namespace: true, name: true, annotations: true },
  spec: { serviceAccountName: true },
  status: { phase: true },
} as const;

/**
 * Reads the roles that running pods name. Pods come in pages, and of each only its name is kept.
 * @param key of the annotation; a pod with an empty one names none
 * @throws PodroleError `API_REFUSED`, and what `readPages` throws
 */
export async function readPodRoles(
  client: Pick<ApiClient, 'getPage'>,
  { key, namespace }: { readonly key: string; readonly namespace: string | undefined },
  limits: Limits,
): Promise<readonly PodRole[]> {
  const ofNamespace = namespace === undefined ? [] : ['namespaces', namespace];
  const path = apiPath('/api/v1', ...ofNamespace, 'pods');
  const refuse = (answer: ApiAnswer) =>
    apiRefused(path, answer, 'use a kubeconfig whose user may list pods, or leave out --pod-role-annotation');
  const found = new Map<string, PodRole & { readonly pods: string[]; podCount: number }>();
  for await (const page of readPages({ client, path, parameters: {}, limits, parts: PARTS, refuse })) {
    for (const object of page.objects) {
      const pod = podIn(object, key);
      if (!pod) continue;
      const id = [pod.namespace, pod.serviceAccount, pod.given].join('\n');
      const { name, ...named } = pod;
      const known = found.get(id) ?? { ...named, pods: [], podCount: 0 };
      found.set(id, known);
      known.podCount += 1;
      if (known.pods.length < MOST_NAMES) known.pods.push(name);
    }
  }
  return [...found.values()];
}

function podIn(object: unknown, key: string) {
  const pod = asObject(object);
  const metadata = metadataOf(pod);
  const given = asText(asObject(metadata?.['annotations'])?.[key]);
  const phase = asText(asObject(pod?.['status'])?.['phase']);
  if (!given || phase === 'Succeeded' || phase === 'Failed') return undefined;
  return {
    namespace: asText(metadata?.['namespace']) ?? '',
    name: asText(metadata?.['name']) ?? '',
    serviceAccount: asText(asObject(pod?.['spec'])?.['serviceAccountName']) || 'default',
    // Of a string that was cut, V8 keeps the whole one; a clone has the rest only.
    given: structuredClone(given.slice(0, GIVEN_MAX_LENGTH)),
  };
}
