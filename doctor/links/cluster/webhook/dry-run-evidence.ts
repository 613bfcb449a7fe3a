import type { Finding } from '../../../chain/finding.ts';
import { findingsOf } from '../../../chain/findings-of.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import type { WebhookFacts } from '../../../facts/cluster-facts.ts';
import { valueIn } from '../../../facts/value-in.ts';
import { restartCommands } from '../../remedies/remedies.ts';
import { judgeRules } from '../annotation/role-rules.ts';
import { containersOf, describeServiceAccount, hasLostAnnotation } from '../chain-parts.ts';
import { policyNote, restartOf } from './webhook-health.ts';
import { describeWebhook } from './webhook-selection.ts';

const { ok, broken, warning, unknown } = findingsOf('webhook');

/**
 * Judges webhooks that look healthy by what became of a pod that was only validated.
 * @param selected those that the API server asks about it
 */
export function judgeDryRun(facts: ChainFacts, selected: readonly WebhookFacts[]): Finding {
  const object = selected.map(describeWebhook).join(' and ');
  const tried = valueIn(facts.cluster.dryRun);
  if (tried?.refused !== undefined) return refused(facts, tried.refused);
  // The annotation is judged by the same rules, and says why.
  if (judgeRules(facts)?.state === 'broken') return ok(object, 'follows the rules for roles');
  const unread = tried ? undefined : unreadEndpoints(selected);
  if (unread) return unknown(`endpoints of ${object}`, unread);
  const isExpected =
    facts.grant !== undefined && !hasLostAnnotation(facts, valueIn(facts.cluster.serviceAccount));
  if (!tried?.pod || !isExpected || containersOf(facts, tried.pod).own.length === 0)
    return ok(object, `is configured for the pods of this namespace${untried(facts)}`);
  const [first, ...others] = tried.warnings.filter(isOfPodrole);
  const asked = `a pod of ${describeServiceAccount(facts)} that was only validated`;
  if (first !== undefined) {
    return broken('WEBHOOK_GAVE_NO_ROLE', {
      object,
      expected: `gives ${asked} ${facts.grant.roleArn}`,
      found: `gives it none: ${first}`,
      remedy: {
        text: 'do what the warning says, and create the pods again',
        commands: restartCommands(facts),
      },
      details: others,
    });
  }
  if (facts.podRole) return notRead(facts, object, facts.podRole);
  return broken('WEBHOOK_NOT_REACHED', {
    object,
    expected: `gives ${asked} ${facts.grant.roleArn}`,
    found: 'gives it none, and says nothing',
    remedy: {
      text: 'restart the webhook, which renews its CA bundle; if that does not help, look into its log and that of the API server for a firewall or network policy between them, or for another annotation prefix',
      commands: [...webhookRestarts(selected), ...restartCommands(facts)],
    },
    details: [
      ...selected.map(policyNote),
      ...tried.warnings.map((text) => `warning of another webhook: ${text}`),
    ],
  });
}

/** Admission warnings do not name who wrote them; those of policy engines come with almost every pod. */
function isOfPodrole(warning: string): boolean {
  return /^(?:podrole: |(?:this )?Pod\b|(?:ServiceAccount|ConfigMap) )/.test(warning);
}

function webhookRestarts(selected: readonly WebhookFacts[]): readonly string[] {
  return [...new Set(selected.flatMap(({ service }) => (service ? restartOf(service) : [])))];
}

function notRead(
  facts: ChainFacts,
  object: string,
  { key, roleArn }: NonNullable<ChainFacts['podRole']>,
): Finding {
  return broken('POD_ROLE_NOT_READ', {
    object,
    expected: `gives a pod of ${describeServiceAccount(facts)} that was only validated ${roleArn}, by its annotation ${key}`,
    found: 'gives it another role or none, and says nothing',
    remedy: {
      text: `set the option --pod-role-annotation of the webhook to ${key}, and create the pods again`,
      commands: restartCommands(facts),
    },
  });
}

/** Denial by podrole's own webhook, which the API server quotes. [k8s] "Webhook response" */
const BY_PODROLE = /admission webhook "[\w.-]*\bpodrole\.dev" denied the request/;

function refused(facts: ChainFacts, said: string): Finding {
  if (BY_PODROLE.test(said)) {
    return broken('POLICY_REFUSES_POD', {
      object: `new pod of ${describeServiceAccount(facts)}`,
      expected: 'is accepted',
      found: `is refused: the API server ${said}`,
      remedy: {
        text: 'do what the refusal says; --role-policy-file, --policy and --pod-role-annotation let podrole doctor judge by the rules of the webhook',
        commands: [],
      },
    });
  }
  return warning('DRY_RUN_REFUSED', {
    object: `new pod of ${describeServiceAccount(facts)}`,
    expected: 'is accepted',
    found: `is refused: the API server ${said}`,
    remedy: { text: 'do what the refusal says, if other new pods are refused too', commands: [] },
  });
}

/** Without a dry run, only its endpoints show that a webhook is there. Returns undefined if one may be. */
function unreadEndpoints(selected: readonly WebhookFacts[]): Unread | undefined {
  const endpoints = selected.map((webhook) => webhook.endpoints);
  const unread = endpoints.filter((each): each is Unread => each !== undefined && each.state !== 'read');
  return unread.length === selected.length ? unread[0] : undefined;
}

type Unread = Exclude<NonNullable<WebhookFacts['endpoints']>, { state: 'read' }>;

function untried({ cluster: { dryRun } }: ChainFacts): string {
  return dryRun.state === 'denied' ? `; not tried, for lack of the right ${dryRun.needs}` : '';
}
