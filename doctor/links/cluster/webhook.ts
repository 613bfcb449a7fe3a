import { annotationKey, DEFAULT_ANNOTATION_PREFIX } from '../../../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../../../lib/contract/podrole.ts';
import { shellWord } from '../../../lib/text/shell-word.ts';
import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { WebhookFacts } from '../../facts/cluster-facts.ts';
import { valueIn } from '../../facts/value-in.ts';
import { usesPodIdentity } from '../../workload/credential-sources.ts';
import { restartCommands } from '../remedies/remedies.ts';
import { describeServiceAccount, hasGrant, isByWebhook } from './chain-parts.ts';
import { judgeDryRun } from './webhook/dry-run-evidence.ts';
import { webhookFault } from './webhook/webhook-health.ts';
import {
  type CodedTrouble,
  describeWebhook,
  type Selection,
  webhooksFor,
} from './webhook/webhook-selection.ts';

const { ok, broken, warning, unknown } = findingsOf('webhook');

/** Judges whether the API server asks a webhook that gives new pods their role. */
export const webhook: Link = {
  id: 'webhook',
  title: 'webhook',
  needs: [],
  judge: (facts) => {
    const { webhooks, dryRun } = facts.cluster;
    const tried = valueIn(dryRun)?.pod;
    const isProven = hasGrant(facts, tried) || (!facts.grant && usesPodIdentity(tried));
    const pod = valueIn(facts.cluster.pod);
    if (pod?.annotations[PODROLE_ANNOTATION.injected] && hasGrant(facts, pod))
      return [ok('webhook', 'is not needed: podrole inject gave the pod its role')];
    if (webhooks.state !== 'read')
      return [isProven ? proven(facts) : unknown('MutatingWebhookConfigurations', webhooks)];
    const reading = webhooks.value.filter((each) => readsPrefix(each, facts));
    return judgeWebhooks(facts, reading, isProven);
  },
};

/** The AWS webhook has another prefix only where somebody set it. */
function readsPrefix({ kind }: WebhookFacts, { settings }: ChainFacts): boolean {
  return kind === 'podrole' || settings.annotationPrefix === DEFAULT_ANNOTATION_PREFIX;
}

function proven(facts: ChainFacts): Finding {
  const role = facts.grant?.roleArn ?? 'the variables of EKS Pod Identity';
  return ok('webhook', `gives a new pod of ${describeServiceAccount(facts)} ${role}`, refusalNotes(facts));
}

function refusalNotes({ cluster }: ChainFacts): readonly string[] {
  return valueIn(cluster.dryRun)?.warnings.map((text) => `warning of the API server: ${text}`) ?? [];
}

function judgeWebhooks(
  facts: ChainFacts,
  webhooks: readonly WebhookFacts[],
  isProven: boolean,
): readonly [Finding, ...Finding[]] {
  const selection = webhooksFor(facts, webhooks);
  if (isProven) {
    const selected = 'selected' in selection ? selection.selected : [];
    const fault =
      selected.length > 0 && selected.every((each) => webhookFault(facts, each)) ? selected[0] : undefined;
    // The API server keeps connections, so a webhook may answer for a while after its CA has expired.
    const found = fault ? webhookFault(facts, fault) : undefined;
    if (found) return [warning(found.code, found)];
    return kinds(selected) > 1 ? [twoWebhooks(selected)] : [proven(facts)];
  }
  if ('unknown' in selection) return [unknown(`namespace ${facts.subject.namespace}`, selection.unknown)];
  if (setsItsRole(facts)) return [ok('webhook', 'is not needed: the pod sets its role itself')];
  const fault = webhooks.length === 0 ? noWebhook(facts) : faultOf(facts, selection);
  if (!fault) return [judgeDryRun(facts, 'selected' in selection ? selection.selected : [])];
  return [runsAlready(facts) ? warning(fault.code, fault) : broken(fault.code, fault)];
}

/** Returns what keeps all webhooks from giving a new pod its role. */
function faultOf(
  facts: ChainFacts,
  selection: Exclude<Selection, { unknown: unknown }>,
): CodedTrouble | undefined {
  if ('fault' in selection) return selection.fault;
  const faults = selection.selected.map((each) => webhookFault(facts, each));
  return faults.every(Boolean) ? faults[0] : undefined;
}

/** The judged pod has what it needs. Only its successor will not. */
function runsAlready(facts: ChainFacts): boolean {
  return facts.subject.kind === 'pod' && hasGrant(facts, valueIn(facts.cluster.pod));
}

/** The role is not that of an annotation: the manifest of the pod has it. */
function setsItsRole(facts: ChainFacts): boolean {
  const { annotationPrefix } = facts.settings;
  const annotations = valueIn(facts.cluster.serviceAccount)?.annotations;
  const isAnnotated =
    annotations?.[annotationKey(annotationPrefix, 'roleArn')] || facts.container !== undefined;
  const pod = valueIn(facts.cluster.pod);
  return (
    annotations !== undefined &&
    !isAnnotated &&
    hasGrant(facts, pod) &&
    pod !== undefined &&
    !isByWebhook(pod)
  );
}

function kinds(webhooks: readonly WebhookFacts[]): number {
  return new Set(webhooks.map(({ kind }) => kind)).size;
}

function twoWebhooks(webhooks: readonly WebhookFacts[]): Finding {
  return warning('TWO_WEBHOOKS', {
    object: 'cluster',
    expected: 'has one webhook that gives pods their roles',
    found: `has ${webhooks.map(describeWebhook).join(' and ')}`,
    remedy: { text: 'remove one of them, or give podrole another prefix: docs/aws-webhook.md', commands: [] },
  });
}

function noWebhook(facts: ChainFacts): CodedTrouble {
  const { annotationPrefix } = facts.settings;
  const prefix =
    annotationPrefix === DEFAULT_ANNOTATION_PREFIX
      ? ''
      : ` --annotation-prefix ${shellWord(annotationPrefix)}`;
  const others = valueIn(facts.cluster.webhooks) ?? [];
  return {
    code: 'NO_WEBHOOK',
    object: 'cluster',
    expected: `has a webhook that reads the annotation ${annotationKey(annotationPrefix, 'roleArn')}`,
    found: 'has none',
    remedy: {
      text: 'install the webhook, and create the pods again',
      commands: [`podrole up${prefix} --approve`, ...restartCommands(facts)],
    },
    details: others.map((each) => `${describeWebhook(each)} reads the annotations of another prefix`),
  };
}
