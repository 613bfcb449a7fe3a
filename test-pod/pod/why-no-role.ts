import type { ApiClient, Limits } from '../../kubernetes/api-client.ts';
import { mutatingWebhooksPath, namespacePath } from '../../kubernetes/core-paths.ts';
import { narrowSelector, selects } from '../../kubernetes/label-selector.ts';
import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { WEBHOOK_SELECTOR } from '../../lib/contract/podrole.ts';
import { roleWebhookOf } from '../../lib/contract/role-webhooks.ts';
import type { Fault } from '../../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';

export interface Unmutated {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly annotations: JsonObject;
  readonly annotationPrefix: string;
  /** Admission warnings of the API server. */
  readonly warnings: readonly string[];
}

/** Finds out why a pod was admitted without a role. */
export async function whyNoRole(
  client: Pick<ApiClient, 'get'>,
  { namespace, serviceAccount, annotations, annotationPrefix, warnings }: Unmutated,
  limits: Limits,
): Promise<Fault> {
  const key = annotationKey(annotationPrefix, 'roleArn');
  const owner = `ServiceAccount ${namespace}/${serviceAccount}`;
  const fault = (object: string, problem: string, remedy: string): Fault => ({
    code: 'NO_ROLE_INJECTED',
    object,
    problem,
    remedy,
  });
  if (warnings.length > 0)
    return fault(owner, `its pod got no role: ${warnings.join('; ')}`, 'fix what it names');
  if (!asText(annotations[key])) {
    const command = `podrole bind -n ${namespace} ${serviceAccount}`;
    return fault(owner, `has no annotation ${key}`, `give it a role by ${command}`);
  }
  const list = await client.get(mutatingWebhooksPath(), limits);
  const all = (asArray(asObject(list.body)?.['items']) ?? []).map(asObject);
  const webhooks = all
    .flatMap((each) => (asArray(each?.['webhooks']) ?? []).map(asObject))
    .filter((webhook) => roleWebhookOf(asText(webhook?.['name']) ?? '') !== undefined);
  const object = `pod of ${namespace}/${serviceAccount}`;
  if (list.status !== 200) {
    return fault(
      object,
      'got no role',
      'check that the webhook runs: docs/webhook.md, "When a pod has no role"',
    );
  }
  if (webhooks.length === 0) {
    return fault(object, 'got no role: no webhook of podrole is registered', 'install it: docs/install.md');
  }
  const { body } = await client.get(namespacePath(namespace), limits);
  const labels = asObject(metadataOf(body)?.['labels']) ?? {};
  if (
    !webhooks.some((webhook) => selects(narrowSelector(asObject(webhook?.['namespaceSelector'])), labels))
  ) {
    return fault(
      `namespace ${namespace}`,
      'is excluded by the namespaceSelector of the webhook',
      'change its labels, or the selector',
    );
  }
  return fault(
    object,
    'got no role: the API server did not reach the webhook, which then lets pods pass',
    `check that it runs: kubectl get pods -A -l ${WEBHOOK_SELECTOR}, then its log`,
  );
}
