import type { ApiClient, Limits } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import { listObjects } from '../../kubernetes/read/list-objects.ts';
import { WEBHOOK_SELECTOR } from '../../lib/contract/podrole.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';

/** A running pod of podrole's webhook. */
export interface WebhookPod {
  readonly namespace: string;
  readonly pod: string;
  readonly image: string;
  /** Tag of the image; undefined if it has only a digest. */
  readonly version: string | undefined;
}

/**
 * Returns the running pods of podrole's webhook in all namespaces.
 * @throws PodroleError `API_REFUSED` if this user may not list pods, and what `listObjects` throws
 */
export async function readWebhookPods(
  client: Pick<ApiClient, 'getPage'>,
  limits: Limits,
): Promise<readonly WebhookPod[]> {
  const found: WebhookPod[] = [];
  for await (const pod of listObjects(
    client,
    apiPath('/api/v1', 'pods'),
    { labelSelector: WEBHOOK_SELECTOR, fieldSelector: 'status.phase=Running' },
    limits,
  )) {
    const webhook = webhookPodOf(pod);
    if (webhook) found.push(webhook);
  }
  return found;
}

function webhookPodOf(pod: JsonObject): WebhookPod | undefined {
  const metadata = metadataOf(pod);
  const containers = asArray(asObject(pod['spec'])?.['containers']) ?? [];
  const container = containers.map(asObject).find((each) => each?.['name'] === 'podrole');
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
