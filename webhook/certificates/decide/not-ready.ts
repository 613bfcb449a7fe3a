import { type IssuedPair, isValidAt } from '../objects/issued-pair.ts';
import { entriesWithout } from '../objects/registration.ts';
import type { RegistrationView } from './plan.ts';

export interface ReadinessFacts {
  readonly served: IssuedPair | undefined;
  /** The registration as last known. */
  readonly registration: RegistrationView;
  readonly now: Date;
  /** Name of the MutatingWebhookConfiguration in messages. */
  readonly registrationName: string;
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
  const reasons = [pairReason(facts), registrationReason(facts)].filter((reason) => reason !== undefined);
  if (reasons.length === 0 || facts.failure === undefined) return reasons;
  return [...reasons, facts.failure];
}

function pairReason({ served, now }: ReadinessFacts): string | undefined {
  if (!served) return 'there is no certificate to serve yet';
  if (isValidAt(served, now)) return undefined;
  const [from, to] = [served.notBefore.toISOString(), served.notAfter.toISOString()];
  return `the served certificate is valid only from ${from} to ${to}`;
}

function registrationReason(facts: ReadinessFacts): string | undefined {
  const { registration, registrationName, serviceName, served } = facts;
  if (registration === 'absent') return undefined;
  if (registration === 'unknown') return `${registrationName} has not been read yet`;
  if (registration.entries.length === 0)
    return `${registrationName} has no webhook that leads to ${serviceName}`;
  const distrusting = served ? entriesWithout(registration, served.caId) : [];
  if (distrusting.length === 0) return undefined;
  return `${registrationName} does not trust the served certificate yet (${distrusting.join(', ')})`;
}
