import { shellWord } from '../../../../lib/text/shell-word.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import type { WebhookFacts } from '../../../facts/cluster-facts.ts';
import { valueIn } from '../../../facts/value-in.ts';
import { restartCommands } from '../../remedies/remedies.ts';
import { type CodedTrouble, describeWebhook } from './webhook-selection.ts';

/** Returns what keeps the API server from reaching a webhook; undefined if nothing is known to. */
export function webhookFault(facts: ChainFacts, webhook: WebhookFacts): CodedTrouble | undefined {
  return endpointFault(facts, webhook) ?? certificateFault(facts, webhook);
}

function endpointFault(facts: ChainFacts, webhook: WebhookFacts): CodedTrouble | undefined {
  const { service, endpoints } = webhook;
  if (!service || !endpoints) return undefined;
  const counts = valueIn(endpoints);
  if (endpoints.state !== 'absent' && (!counts || counts.ready > 0)) return undefined;
  const notReady = counts?.notReady ?? 0;
  return {
    code: 'WEBHOOK_NO_ENDPOINT',
    object: `Service ${service.namespace}/${service.name}`,
    expected: `has a ready endpoint for ${describeWebhook(webhook)}`,
    found: counts
      ? `has none${notReady > 0 ? `, and ${notReady} that are not ready` : ''}`
      : 'does not exist',
    remedy: {
      text: 'get its pods ready again, then create the pods that need a role again',
      commands: [...endpointCommands(service, counts), ...restartCommands(facts)],
    },
    details: [policyNote(webhook)],
  };
}

/** The Deployment of the webhook has the name of its Service, in the manifests and in the chart. */
function endpointCommands(
  service: NonNullable<WebhookFacts['service']>,
  counts: { readonly notReady: number } | undefined,
): readonly string[] {
  if (!counts) return ['podrole up --approve'];
  if (counts.notReady > 0) return restartOf(service);
  const [kubectl, deployment] = deploymentWords(service);
  return [`${kubectl} scale ${deployment} --replicas 2`, rolledOut(service)];
}

/** Returns the commands that create the pods of a webhook again, and wait for them. */
export function restartOf(service: NonNullable<WebhookFacts['service']>): readonly string[] {
  const [kubectl, deployment] = deploymentWords(service);
  return [`${kubectl} rollout restart ${deployment}`, rolledOut(service)];
}

function rolledOut(service: NonNullable<WebhookFacts['service']>): string {
  const [kubectl, deployment] = deploymentWords(service);
  return `${kubectl} rollout status ${deployment} --timeout 2m`;
}

function deploymentWords({
  namespace,
  name,
}: NonNullable<WebhookFacts['service']>): readonly [kubectl: string, deployment: string] {
  return [`kubectl -n ${shellWord(namespace)}`, `deployment/${shellWord(name)}`];
}

function certificateFault(facts: ChainFacts, webhook: WebhookFacts): CodedTrouble | undefined {
  const { caCertificates, service } = webhook;
  const now = Date.parse(facts.collectedAt);
  const isValid = caCertificates.some(
    ({ notBefore, notAfter }) => Date.parse(notBefore) <= now && now <= Date.parse(notAfter),
  );
  // A webhook at a URL may have a certificate that the API server trusts anyway.
  if (isValid || (caCertificates.length === 0 && !service)) return undefined;
  const [first] = caCertificates;
  const found = first
    ? `holds no certificate that is valid now: ${first.subject} is valid from ${first.notBefore} to ${first.notAfter}`
    : 'is empty, or cannot be read';
  return {
    code: 'WEBHOOK_CA_INVALID',
    object: `caBundle of ${describeWebhook(webhook)}`,
    expected: 'holds a CA certificate that is valid now',
    found,
    remedy: {
      text: 'let the webhook renew its CA, and create the pods again',
      commands: [...(service ? restartOf(service) : []), ...restartCommands(facts)],
    },
    details: [policyNote(webhook)],
  };
}

/** Returns what happens to pods while a webhook does not answer. */
export function policyNote({ failurePolicy }: Pick<WebhookFacts, 'failurePolicy'>): string {
  return failurePolicy === 'Ignore'
    ? 'failurePolicy Ignore: meanwhile, pods are created without a role'
    : `failurePolicy ${failurePolicy}: meanwhile, pods are refused`;
}
