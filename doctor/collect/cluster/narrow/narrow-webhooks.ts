import { X509Certificate } from 'node:crypto';
import { narrowSelector } from '../../../../kubernetes/label-selector.ts';
import { roleWebhookOf } from '../../../../lib/contract/role-webhooks.ts';
import { asArray, asObject, asText, type JsonObject, objectsOf } from '../../../../lib/json/json.ts';
import { metadataOf } from '../../../../lib/kubernetes-objects.ts';
import { pemBlocks } from '../../../../lib/tls/pem.ts';
import { nameOf } from '../../../../pods/pod-parts.ts';
import type { WebhookFacts } from '../../../facts/cluster-facts.ts';

const DEFAULT_PORT = 443;
const MAX_CERTIFICATES = 50;

/**
 * Returns the webhooks that give pods roles.
 * @param configurations every MutatingWebhookConfiguration
 * @returns without the endpoints of their Services
 */
export function narrowWebhooks(configurations: readonly JsonObject[]): readonly WebhookFacts[] {
  return configurations.flatMap((configuration) =>
    objectsOf(configuration['webhooks']).flatMap((webhook) => narrowWebhook(configuration, webhook)),
  );
}

function narrowWebhook(configuration: JsonObject, webhook: JsonObject): readonly WebhookFacts[] {
  const name = nameOf(webhook) ?? '';
  const kind = roleWebhookOf(name);
  if (!kind) return [];
  const metadata = metadataOf(configuration);
  const client = asObject(webhook['clientConfig']);
  const service = asObject(client?.['service']);
  const port = service?.['port'];
  const url = asText(client?.['url']);
  return [
    {
      configuration: asText(metadata?.['name']) ?? '',
      name,
      kind,
      createdAt: asText(metadata?.['creationTimestamp']) ?? '',
      ...(service && {
        service: {
          namespace: asText(service['namespace']) ?? '',
          name: nameOf(service) ?? '',
          port: typeof port === 'number' ? port : DEFAULT_PORT,
        },
        endpoints: { state: 'not asked', why: 'only the configuration was read' } as const,
      }),
      ...(url && { url }),
      failurePolicy: asText(webhook['failurePolicy']) ?? 'Fail',
      namespaceSelector: narrowSelector(asObject(webhook['namespaceSelector'])),
      objectSelector: narrowSelector(asObject(webhook['objectSelector'])),
      matchesPods: objectsOf(webhook['rules']).some(isForNewPods),
      caCertificates: certificatesOf(asText(client?.['caBundle']) ?? ''),
    },
  ];
}

/** [k8s] RuleWithOperations */
function isForNewPods(rule: JsonObject): boolean {
  const holds = (list: string, ...wanted: readonly string[]) =>
    (asArray(rule[list]) ?? []).some((value) => wanted.some((each) => each === value));
  return (
    holds('operations', 'CREATE', '*') &&
    holds('apiGroups', '', '*') &&
    holds('apiVersions', 'v1', '*') &&
    holds('resources', 'pods', '*', '*/*') &&
    rule['scope'] !== 'Cluster'
  );
}

/** @param bundle PEM in base64 */
function certificatesOf(bundle: string): WebhookFacts['caCertificates'] {
  try {
    return pemBlocks(Buffer.from(bundle, 'base64').toString('utf8'))
      .slice(0, MAX_CERTIFICATES)
      .map(({ text }) => {
        const { subject, validFromDate, validToDate } = new X509Certificate(text);
        const [notBefore, notAfter] = [validFromDate.toISOString(), validToDate.toISOString()];
        return { subject: subject.replaceAll('\n', ', '), notBefore, notAfter };
      });
  } catch {
    return [];
  }
}
