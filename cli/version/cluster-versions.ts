import type { ApiClient, Limits } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import { listObjects } from '../../kubernetes/read/list-objects.ts';
import { AGENT_SELECTOR, WEBHOOK_SELECTOR } from '../../lib/contract/podrole.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';

/** A running pod of podrole's webhook or of its agent. */
export interface ComponentPod {
  readonly namespace: string;
  readonly pod: string;
  readonly image: string;
  /** Tag of the image; undefined if it has only a digest. */
  readonly version: string | undefined;
}

/** Finds the pods of a component, and its container there. */
interface Component {
  readonly selector: string;
  readonly container: string;
}

const WEBHOOK: Component = { selector: WEBHOOK_SELECTOR, container: 'podrole' };
const AGENT: Component = { selector: AGENT_SELECTOR, container: 'agent' };

/** Running pods of podrole in all namespaces. */
export interface ComponentPods {
  readonly webhooks: readonly ComponentPod[];
  /** Undefined if there is none: a cluster does not need an agent. */
  readonly agents?: readonly ComponentPod[];
}

/**
 * Returns the running pods of podrole's webhook and of its agent in all namespaces.
 * @throws PodroleError `API_REFUSED` if this user may not list pods, and what `listObjects` throws
 */
export async function readComponentPods(
  client: Pick<ApiClient, 'getPage'>,
  limits: Limits,
): Promise<ComponentPods> {
  const webhooks = await readPods(client, WEBHOOK, limits);
  const agents = await readPods(client, AGENT, limits);
  return { webhooks, ...(agents.length > 0 && { agents }) };
}

async function readPods(
  client: Pick<ApiClient, 'getPage'>,
  { selector, container }: Component,
  limits: Limits,
): Promise<readonly ComponentPod[]> {
  const found: ComponentPod[] = [];
  for await (const pod of listObjects(
    client,
    apiPath('/api/v1', 'pods'),
    { labelSelector: selector, fieldSelector: 'status.phase=Running' },
    limits,
  )) {
    const narrowed = componentPodOf(pod, container);
    if (narrowed) found.push(narrowed);
  }
  return found;
}

function componentPodOf(pod: JsonObject, containerName: string): ComponentPod | undefined {
  const metadata = metadataOf(pod);
  const containers = asArray(asObject(pod['spec'])?.['containers']) ?? [];
  const container = containers.map(asObject).find((each) => each?.['name'] === containerName);
  const image = asText(container?.['image']);
  const [namespace, name] = [asText(metadata?.['namespace']), asText(metadata?.['name'])];
  if (image === undefined || namespace === undefined || name === undefined) return undefined;
  return { namespace, pod: name, image, version: tagOf(image) };
}

/** Returns the tag of `registry:5000/podrole:0.1.0@sha256:…`. */
function tagOf(image: string): string | undefined {
  const [reference = ''] = image.slice(image.lastIndexOf('/') + 1).split('@', 1);
  const [, tag] = reference.split(':', 2);
  return tag || undefined;
}
