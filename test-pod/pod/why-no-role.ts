import type { ApiClient, Limits } from '../../kubernetes/api-client.ts';
import { mutatingWebhooksPath, namespacePath } from '../../kubernetes/core-paths.ts';
import { AWS_WEBHOOK, annotationKey } from '../../lib/contract/aws-webhook.ts';
import { OWN_WEBHOOK, WEBHOOK_SELECTOR } from '../../lib/contract/podrole.ts';
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
    .filter(isForRoles);
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
  if (!webhooks.some((webhook) => selects(asObject(webhook?.['namespaceSelector']), labels))) {
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

/** True for the webhook of podrole, and for that of AWS. */
function isForRoles(webhook: JsonObject | undefined): boolean {
  const name = asText(webhook?.['name']) ?? '';
  return OWN_WEBHOOK.test(name) || AWS_WEBHOOK.test(name);
}

/** Evaluates a label selector. [k8s] meta/v1 LabelSelector */
function selects(selector: JsonObject | undefined, labels: JsonObject): boolean {
  const pairs = Object.entries(asObject(selector?.['matchLabels']) ?? {});
  if (pairs.some(([label, value]) => labels[label] !== value)) return false;
  return (asArray(selector?.['matchExpressions']) ?? []).every((expression) => {
    const { key, operator, values } = asObject(expression) ?? {};
    const value = labels[asText(key) ?? ''];
    const isIn = value !== undefined && (asArray(values) ?? []).includes(value);
    if (operator === 'In') return isIn;
    if (operator === 'NotIn') return !isIn;
    return (value !== undefined) === (operator === 'Exists');
  });
}
