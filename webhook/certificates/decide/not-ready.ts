import { type IssuedPair, isValidAt } from '../objects/issued-pair.ts';
import { entriesWithout } from '../objects/webhook-configuration.ts';
import type { WebhookConfigurationView } from './plan.ts';

export interface ReadinessFacts {
  readonly served: IssuedPair | undefined;
  /** The webhook configuration as last known. */
  readonly configuration: WebhookConfigurationView;
  readonly now: Date;
  /** Name of the MutatingWebhookConfiguration in messages. */
  readonly configurationName: string;
  /** Name of the Service in messages. */
  readonly serviceName: string;
  /** Error of the last look, if it failed. */
  readonly failure: string | undefined;
}

/**
 * Returns why requests should not come yet. A missing configuration is not a reason: then no API server asks,
 * and a rollout that must complete before the configuration is applied would never end.
 */
export function certificateNotReady(facts: ReadinessFacts): readonly string[] {
  const reasons = [pairReason(facts), configurationReason(facts)].filter((reason) => reason !== undefined);
  if (reasons.length === 0 || facts.failure === undefined) return reasons;
  return [...reasons, facts.failure];
}

function pairReason({ served, now }: ReadinessFacts): string | undefined {
  if (!served) return 'there is no certificate to serve yet';
  if (isValidAt(served, now)) return undefined;
  const [from, to] = [served.notBefore.toISOString(), served.notAfter.toISOString()];
  return `the served certificate is valid only from ${from} to ${to}`;
}

function configurationReason(facts: ReadinessFacts): string | undefined {
  const { configuration, configurationName, serviceName, served } = facts;
  if (configuration === 'absent') return undefined;
  if (configuration === 'unknown') return `${configurationName} has not been read yet`;
  if (configuration.entries.length === 0)
    return `${configurationName} has no webhook that leads to ${serviceName}`;
  const distrusting = served ? entriesWithout(configuration, served.caId) : [];
  if (distrusting.length === 0) return undefined;
  return `${configurationName} does not trust the served certificate yet (${distrusting.join(', ')})`;
}
