import {
  describeRequirement,
  type LabelRequirement,
  type LabelSelector,
  unmetRequirement,
} from '../../../../kubernetes/label-selector.ts';
import { shellWord } from '../../../../lib/text/shell-word.ts';
import type { Trouble } from '../../../chain/findings-of.ts';
import type { FindingCode } from '../../../explanations/finding-code.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import type { WebhookFacts } from '../../../facts/cluster-facts.ts';
import type { Reading } from '../../../facts/reading.ts';
import { valueIn } from '../../../facts/value-in.ts';
import { restartCommands } from '../../remedies/remedies.ts';
import { patchCommands } from '../../remedies/template-commands.ts';
import { describePod } from '../chain-parts.ts';

/** Fault of a webhook, ready to become a finding. */
export interface CodedTrouble extends Trouble {
  readonly code: FindingCode;
}

export type Selection =
  | { readonly selected: readonly WebhookFacts[] }
  | { readonly fault: CodedTrouble }
  | { readonly unknown: Exclude<Reading<unknown>, { state: 'read' }> };

/** `MutatingWebhookConfiguration podrole, webhook pods.podrole.dev` */
export function describeWebhook({ configuration, name }: WebhookFacts): string {
  return `MutatingWebhookConfiguration ${configuration}, webhook ${name}`;
}

/** Returns the webhooks that the API server asks about a new pod, or what keeps it from asking any. */
export function webhooksFor(facts: ChainFacts, webhooks: readonly WebhookFacts[]): Selection {
  const { namespaceLabels, pod, dryRun } = facts.cluster;
  const forPods = webhooks.filter(({ matchesPods }) => matchesPods);
  const [anyone] = webhooks;
  if (forPods.length === 0) return anyone ? { fault: notForPods(anyone) } : { selected: [] };
  const ofNamespace = valueIn(namespaceLabels) ?? { [NAME_LABEL]: facts.subject.namespace };
  const needsLabels = forPods.some(({ namespaceSelector }) => dependsOnMore(namespaceSelector));
  if (namespaceLabels.state !== 'read' && needsLabels) return { unknown: namespaceLabels };
  const inNamespace = forPods.filter(
    ({ namespaceSelector }) => !unmetRequirement(namespaceSelector, ofNamespace),
  );
  const closest = usualOne(forPods);
  const unmet = unmetRequirement(closest.namespaceSelector, ofNamespace);
  if (inNamespace.length === 0 && unmet) return { fault: namespaceExcluded(facts, closest, unmet) };
  const judged = valueIn(pod) ?? valueIn(dryRun)?.pod;
  if (!judged) return { selected: inNamespace };
  const selected = inNamespace.filter(
    ({ objectSelector }) => !unmetRequirement(objectSelector, judged.labels),
  );
  const usual = usualOne(inNamespace);
  const unmetByPod = usual && unmetRequirement(usual.objectSelector, judged.labels);
  return selected.length === 0 && unmetByPod
    ? { fault: podExcluded(facts, usual, unmetByPod, describePod(judged)) }
    : { selected };
}

/** Label that the API server gives each namespace, and nobody can change. [k8s] well-known labels */
const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Returns true if a selector depends on other labels than the name. One that must be absent is one, too. */
function dependsOnMore({ matchLabels, matchExpressions }: LabelSelector): boolean {
  const keys = [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)];
  return keys.some((key) => key !== NAME_LABEL);
}

/** Returns the webhook for usual namespaces: podrole has a second one for `podrole.dev/required`. */
function usualOne(webhooks: readonly WebhookFacts[]): WebhookFacts {
  const usual = webhooks.find(({ name }) => !name.startsWith('required.')) ?? webhooks[0];
  if (!usual) throw new Error('there is at least one webhook');
  return usual;
}

function notForPods(webhook: WebhookFacts): CodedTrouble {
  return {
    code: 'WEBHOOK_NOT_FOR_PODS',
    object: describeWebhook(webhook),
    expected: 'has a rule for the creation of pods',
    found: 'has none',
    remedy: { text: 'install the webhook configuration again', commands: ['podrole up --approve'] },
  };
}

function namespaceExcluded(facts: ChainFacts, webhook: WebhookFacts, unmet: LabelRequirement): CodedTrouble {
  const { namespace } = facts.subject;
  return {
    code: 'WEBHOOK_EXCLUDES_NAMESPACE',
    object: `namespace ${namespace}`,
    expected: `has labels that ${describeWebhook(webhook)} selects`,
    found: `does not meet ${describeRequirement(unmet)} of its namespaceSelector`,
    remedy:
      unmet.key === NAME_LABEL
        ? { text: 'change the namespaceSelector, and create the pods again', commands: [] }
        : {
            text: 'change the label of the namespace, or the selector, and create the pods again',
            commands: [
              `kubectl label namespace ${shellWord(namespace)} ${labelChange(unmet)}`,
              ...restartCommands(facts),
            ],
          },
  };
}

/** Returns the change of a label that meets a requirement, as kubectl takes it. */
function labelChange(unmet: LabelRequirement): string {
  const value = valueThatMeets(unmet);
  return value === null ? shellWord(`${unmet.key}-`) : `${shellWord(`${unmet.key}=${value}`)} --overwrite`;
}

/** Returns null for a label that must go. */
function valueThatMeets({ operator, values }: LabelRequirement): string | null {
  return operator === 'NotIn' || operator === 'DoesNotExist' ? null : (values[0] ?? 'true');
}

function podExcluded(
  facts: ChainFacts,
  webhook: WebhookFacts,
  unmet: LabelRequirement,
  object: string,
): CodedTrouble {
  return {
    code: 'WEBHOOK_EXCLUDES_POD',
    object,
    expected: `has labels that ${describeWebhook(webhook)} selects`,
    found: `does not meet ${describeRequirement(unmet)} of its objectSelector`,
    remedy: {
      text: 'change the label in the template of the pod, and create the pod again',
      commands: patchCommands(facts, { metadata: { labels: { [unmet.key]: valueThatMeets(unmet) } } }),
    },
  };
}
