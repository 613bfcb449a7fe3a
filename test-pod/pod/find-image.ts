import type { ApiClient, Limits } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import { listObjects } from '../../kubernetes/list-objects.ts';
import { PodroleError } from '../../lib/errors.ts';
import { asArray, asObject, asText } from '../../lib/json/json.ts';

export interface FoundImage {
  readonly image: string;
  readonly imagePullPolicy: string | undefined;
}

/** Labels of the webhook's Deployment, in the manifests and in the chart. */
const LABELS = 'app.kubernetes.io/name=podrole,app.kubernetes.io/component=webhook';

/**
 * Returns the image that podrole's webhook runs in this cluster: its nodes can pull it.
 * @throws PodroleError `NO_TEST_IMAGE`
 */
export async function findImage(client: Pick<ApiClient, 'getPage'>, limits: Limits): Promise<FoundImage> {
  const path = apiPath('/apis/apps/v1', 'deployments');
  let problem = 'no Deployment of podrole was found in this cluster';
  try {
    for await (const deployment of listObjects(client, path, { labelSelector: LABELS }, limits)) {
      const template = asObject(asObject(deployment['spec'])?.['template']);
      const containers = asArray(asObject(template?.['spec'])?.['containers']) ?? [];
      const container = containers.map(asObject).find((each) => each?.['name'] === 'podrole');
      const image = asText(container?.['image']);
      if (image) return { image, imagePullPolicy: asText(container?.['imagePullPolicy']) };
    }
  } catch (thrown) {
    if (!(thrown instanceof PodroleError) || thrown.code !== 'API_REFUSED') throw thrown;
    problem = `Deployments cannot be listed: ${thrown.faults[0]?.problem}`;
  }
  throw new PodroleError({
    code: 'NO_TEST_IMAGE',
    object: '--image',
    problem: `is not set, and ${problem}`,
    remedy: 'give --image, an image of podrole that the nodes can pull',
  });
}
