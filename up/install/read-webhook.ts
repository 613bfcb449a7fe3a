import type { ApiAnswer, ApiClient } from '../../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { mutatingWebhooksPath } from '../../kubernetes/core-paths.ts';
import { type ObjectId, objectPath, rbacResource } from '../../kubernetes/object-path.ts';
import { PodroleError } from '../../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { refused } from '../refused.ts';
import { type LiveWebhook, settingsNameOf, WEBHOOK } from './desired-objects.ts';
import { describeId } from './manifest.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** Facts of the cluster that the plan of the webhook rests on, besides the objects themselves. */
export interface WebhookFacts extends LiveWebhook {
  /** Every MutatingWebhookConfiguration. */
  readonly configurations: readonly JsonObject[];
  readonly servesPolicies: boolean;
}

/** @throws PodroleError `API_REFUSED`, `API_UNREACHABLE` */
export async function readWebhook(cluster: ApiClient, signal: AbortSignal): Promise<WebhookFacts> {
  const { namespace, deployment: name } = WEBHOOK;
  // Before the others, so that a user without any right always reads the same refusal.
  const id = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name };
  const deployment = await readObject(cluster, id, signal);
  const [configurations, servesPolicies] = await Promise.all([
    readConfigurations(cluster, signal),
    readServesPolicies(cluster, signal),
  ]);
  const settingsName = settingsNameOf(deployment);
  const configMap =
    settingsName === undefined
      ? undefined
      : await readObject(
          cluster,
          { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: settingsName },
          signal,
        );
  if (settingsName !== undefined && !configMap) throw settingsMissing(namespace, settingsName);
  const data = Object.entries(asObject(configMap?.['data']) ?? {});
  const settings = Object.fromEntries(data.map(([key, value]) => [key, asText(value) ?? '']));
  return { deployment, configurations, servesPolicies, settings };
}

/** The defaults in their place could change whose pods get a role. */
function settingsMissing(namespace: string, name: string): PodroleError {
  return new PodroleError({
    code: 'WEBHOOK_SETTINGS_MISSING',
    object: `ConfigMap ${namespace}/${name}`,
    problem: 'does not exist, and the Deployment of the webhook reads its settings from it',
    remedy: `create it again; or, to install with the default settings, run kubectl delete deployment --namespace ${namespace} ${WEBHOOK.deployment} first`,
  });
}

/**
 * Returns an object; undefined if it does not exist.
 * @throws PodroleError `API_REFUSED`, `API_UNREACHABLE`
 */
export async function readObject(
  cluster: ApiClient,
  id: ObjectId,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  const answer = await cluster.get(objectPath(id), { timeoutMs: CLUSTER_TIMEOUT_MS, signal });
  if (answer.status === 404) return undefined;
  const object = asObject(answer.body);
  // Something that is not the API server may answer 200.
  if (answer.status !== 200 || !object) throw refusedObject(id, 'get', answer);
  return object;
}

/** Returns the error of an answer that is a refusal: it names the object and the right. */
export function refusedObject(id: ObjectId, verb: 'get' | 'patch', answer: ApiAnswer): PodroleError {
  const where = id.namespace === undefined ? '' : ` in the namespace ${id.namespace}`;
  return refused(describeId(id), `${verb} on ${rbacResource(id)}${where}`, answer);
}

async function readConfigurations(cluster: ApiClient, signal: AbortSignal): Promise<readonly JsonObject[]> {
  const answer = await cluster.get(mutatingWebhooksPath(), { timeoutMs: CLUSTER_TIMEOUT_MS, signal });
  const items = asArray(asObject(answer.body)?.['items']);
  if (answer.status !== 200 || !items) {
    throw refused(
      'MutatingWebhookConfigurations of the cluster',
      'list on mutatingwebhookconfigurations.admissionregistration.k8s.io',
      answer,
    );
  }
  return items.map((item) => asObject(item) ?? {});
}

async function readServesPolicies(cluster: ApiClient, signal: AbortSignal): Promise<boolean> {
  const answer = await cluster.get(ADMISSION, { timeoutMs: CLUSTER_TIMEOUT_MS, signal });
  if (answer.status !== 200) throw refused(`API group ${ADMISSION}`, `get on the URL ${ADMISSION}`, answer);
  const resources = asArray(asObject(answer.body)?.['resources']) ?? [];
  return resources.some((resource) => asObject(resource)?.['name'] === 'validatingadmissionpolicies');
}
