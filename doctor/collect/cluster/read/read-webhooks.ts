import { apiPath } from '../../../../kubernetes/api-path.ts';
import { mutatingWebhooksPath } from '../../../../kubernetes/core-paths.ts';
import { asObject, objectsOf } from '../../../../lib/json/json.ts';
import type { WebhookFacts } from '../../../facts/cluster-facts.ts';
import type { Reading } from '../../../facts/reading.ts';
import { narrowWebhooks } from '../narrow/narrow-webhooks.ts';
import { type ClusterAccess, foldList, getObject } from './read-cluster.ts';

const MOST_CONFIGURATIONS = 1_000;
const MOST_SLICES = 1_000;

/** Reads the webhooks that give pods roles, each with the endpoints of its Service. */
export async function readWebhooks(access: ClusterAccess): Promise<Reading<readonly WebhookFacts[]>> {
  const webhooks = await foldList<readonly WebhookFacts[]>(
    access,
    {
      path: mutatingWebhooksPath(),
      needs: 'list on mutatingwebhookconfigurations.admissionregistration.k8s.io',
      mostObjects: MOST_CONFIGURATIONS,
    },
    [],
    (found, configuration) => [...found, ...narrowWebhooks([configuration])],
  );
  if (webhooks.state !== 'read') return webhooks;
  const services = new Map<string, Promise<Endpoints>>();
  const value = webhooks.value.map(async (webhook): Promise<WebhookFacts> => {
    const { service } = webhook;
    if (!service) return webhook;
    const key = `${service.namespace}/${service.name}`;
    const endpoints = services.get(key) ?? readEndpoints(access, service);
    services.set(key, endpoints);
    return { ...webhook, endpoints: await endpoints };
  });
  return { state: 'read', value: await Promise.all(value) };
}

type Endpoints = NonNullable<WebhookFacts['endpoints']>;

async function readEndpoints(
  access: ClusterAccess,
  { namespace, name }: NonNullable<WebhookFacts['service']>,
): Promise<Endpoints> {
  const slices = await foldList(
    access,
    {
      path: apiPath('/apis/discovery.k8s.io/v1', 'namespaces', namespace, 'endpointslices'),
      parameters: { labelSelector: `kubernetes.io/service-name=${name}` },
      needs: `list on endpointslices.discovery.k8s.io in the namespace ${namespace}`,
      mostObjects: MOST_SLICES,
    },
    { ready: 0, notReady: 0 },
    (sum, slice) => {
      const endpoints = objectsOf(slice['endpoints']);
      const notReady = endpoints.filter(({ conditions }) => asObject(conditions)?.['ready'] === false).length;
      return { ready: sum.ready + endpoints.length - notReady, notReady: sum.notReady + notReady };
    },
  );
  if (slices.state !== 'read' || slices.value.ready + slices.value.notReady > 0) return slices;
  const path = apiPath('/api/v1', 'namespaces', namespace, 'services', name);
  const service = await getObject(access, path, `get on services in the namespace ${namespace}`, () => true);
  return service.state === 'absent' ? service : slices;
}
