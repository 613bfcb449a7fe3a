import type { ApiClient, Limits } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import { mutatingWebhooksPath } from '../../kubernetes/core-paths.ts';
import { listObjects } from '../../kubernetes/read/list-objects.ts';
import { OWN_WEBHOOK } from '../../lib/contract/podrole.ts';
import { PodroleError } from '../../lib/errors.ts';
import { asArray, asObject, asText } from '../../lib/json/json.ts';
import { isNamespaceName } from '../../lib/kubernetes-names.ts';

export interface FoundImage {
  readonly image: string;
  readonly imagePullPolicy: string | undefined;
}

type Lists = Pick<ApiClient, 'getPage'>;

/** Label of the webhook's Deployment, in the manifests and in the chart, whatever its names are. */
const LABEL = 'app.kubernetes.io/component=webhook';
/** Characters of the name of an image. It is printed, and goes into a pod. */
const IMAGE = /^[\w.:/@-]{1,500}$/;

/**
 * Returns the image that podrole's webhook runs in this cluster: its nodes can pull it. Anybody may label a
 * Deployment in a namespace of their own, and would get the role of every ServiceAccount that is tested. So
 * only the namespace counts that a webhook configuration names, which only an administrator can write.
 * @throws PodroleError `NO_TEST_IMAGE`
 */
export async function findImage(client: Lists, limits: Limits): Promise<FoundImage> {
  let problem = 'no webhook of podrole is registered in this cluster';
  try {
    for (const namespace of await webhookNamespaces(client, limits)) {
      const found = await imageIn(client, namespace, limits);
      if (found) return found;
      problem = `no Deployment of podrole was found in the namespace ${namespace} of its webhook`;
    }
  } catch (thrown) {
    if (!(thrown instanceof PodroleError) || thrown.code !== 'API_REFUSED') throw thrown;
    problem = `the webhook cannot be looked up: ${thrown.faults[0]?.problem}`;
  }
  throw new PodroleError({
    code: 'NO_TEST_IMAGE',
    object: '--image',
    problem: `is not set, and ${problem}`,
    remedy: 'give --image, an image of podrole that the nodes can pull',
  });
}

/** Returns the namespaces of the Services that the API server asks as podrole's webhook. */
async function webhookNamespaces(client: Lists, limits: Limits): Promise<ReadonlySet<string>> {
  const namespaces = new Set<string>();
  for await (const configuration of listObjects(client, mutatingWebhooksPath(), {}, limits)) {
    for (const each of asArray(configuration['webhooks']) ?? []) {
      const webhook = asObject(each);
      const service = asObject(asObject(webhook?.['clientConfig'])?.['service']);
      const namespace = asText(service?.['namespace']) ?? '';
      const isOwn = OWN_WEBHOOK.test(asText(webhook?.['name']) ?? '');
      if (isOwn && isNamespaceName(namespace)) namespaces.add(namespace);
    }
  }
  return namespaces;
}

async function imageIn(client: Lists, namespace: string, limits: Limits): Promise<FoundImage | undefined> {
  const path = apiPath('/apis/apps/v1', 'namespaces', namespace, 'deployments');
  for await (const deployment of listObjects(client, path, { labelSelector: LABEL }, limits)) {
    const template = asObject(asObject(deployment['spec'])?.['template']);
    const containers = asArray(asObject(template?.['spec'])?.['containers']) ?? [];
    const container = containers.map(asObject).find((each) => each?.['name'] === 'podrole');
    const image = asText(container?.['image']) ?? '';
    if (IMAGE.test(image)) return { image, imagePullPolicy: asText(container?.['imagePullPolicy']) };
  }
  return undefined;
}
