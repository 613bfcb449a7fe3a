import { type IssuedPair, isValidAt } from '../objects/issued-pair.ts';
import type { PairSecret } from '../objects/pair-secret.ts';
import { type BundlesByEntry, trusts, type WebhookConfiguration } from '../objects/webhook-configuration.ts';
import { bundlesToPatch, type SeenAuthorities } from './bundle-plan.ts';
import type { CertificateTiming } from './timing.ts';

/** `absent`: the MutatingWebhookConfiguration does not exist; `unknown`: it cannot be read. */
export type WebhookConfigurationView = WebhookConfiguration | 'absent' | 'unknown';

/** Everything that a replica knows at one moment. */
export interface CertificateView {
  readonly secret: PairSecret;
  readonly configuration: WebhookConfigurationView;
  /** Pair that this replica serves. */
  readonly served: IssuedPair | undefined;
  readonly now: Date;
  readonly monotonicMs: number;
  readonly seen: SeenAuthorities;
}

/** One thing to do. The step after it is decided when it is done. */
export type Step =
  | { readonly kind: 'serve'; readonly pair: IssuedPair }
  | {
      readonly kind: 'write';
      readonly current: IssuedPair | 'new';
      readonly next: IssuedPair | 'new' | undefined;
      readonly why: string;
    }
  | { readonly kind: 'patch'; readonly bundles: BundlesByEntry }
  /** Waits at most this long: then there will be something to do. */
  | { readonly kind: 'wait'; readonly ms: number };

/**
 * Decides what a replica does next for the certificates. Replicas need not agree: each step is right whoever
 * takes it, and one replica wins.
 */
export function nextStep(view: CertificateView, timing: CertificateTiming): Step {
  const { secret, served } = view;
  const { current } = secret;
  // A pair that is served from memory must be trusted even if the Secret cannot be restored.
  if (!current) return (served && patchOf(view, timing)) ?? restoreSecret(view);
  const toServe = pairToServe(current, view);
  if (toServe.cert !== served?.cert) return { kind: 'serve', pair: toServe };
  return patchOf(view, timing) ?? renew(current, view, timing);
}

function patchOf(view: CertificateView, timing: CertificateTiming): Step | undefined {
  const { secret, served, configuration, now } = view;
  if (typeof configuration !== 'object') return undefined;
  const pairs = [secret.current, secret.next, served && isValidAt(served, now) ? served : undefined];
  const needed = pairs.filter((pair) => !!pair);
  if (needed.length === 0) return undefined;
  const bundles = bundlesToPatch(configuration, needed, { ...view, timing });
  return bundles.size > 0 ? { kind: 'patch', bundles } : undefined;
}

/**
 * Writes the pair in memory back, since it is the one that is trusted. It is renewed too, for the reason that
 * removed it from the Secret.
 */
function restoreSecret({ secret, served, now }: CertificateView): Step {
  const { object, next, faults } = secret;
  const why = faults[0] ?? (object ? 'the Secret is empty' : 'there is no Secret');
  if (served?.coversHosts && isValidAt(served, now)) {
    return { kind: 'write', current: served, next: next ?? 'new', why };
  }
  return { kind: 'write', current: next ?? 'new', next: undefined, why };
}

/** Returns the current pair if it is trusted already, otherwise the one that has been trusted. */
function pairToServe(current: IssuedPair, { served, configuration, now }: CertificateView): IssuedPair {
  if (!served || !isValidAt(served, now)) return current;
  if (configuration === 'unknown') return served;
  if (configuration === 'absent' || trusts(configuration, current.caId)) return current;
  return trusts(configuration, served.caId) ? served : current;
}

function renew(
  current: IssuedPair,
  { secret: { next }, configuration, now, monotonicMs, seen }: CertificateView,
  timing: CertificateTiming,
): Step {
  const reason = reasonToRenew(current, now, timing);
  if (!next) {
    if (!reason) return { kind: 'wait', ms: timing.lookMs };
    return { kind: 'write', current, next: 'new', why: reason };
  }
  const nextReason = reasonToRenew(next, now, timing);
  if (nextReason) return { kind: 'write', current, next: 'new', why: nextReason };
  if (configuration === 'unknown') return { kind: 'wait', ms: timing.lookMs };
  const isUrgent = !current.coversHosts || !isValidAt(current, now);
  const settleMs = isUrgent ? timing.urgentSettleMs : timing.settleMs;
  const dueMs = (seen.trustedSinceMs.get(next.caId) ?? Number.POSITIVE_INFINITY) + settleMs;
  if (monotonicMs < dueMs) return { kind: 'wait', ms: Math.min(timing.lookMs, dueMs - monotonicMs) };
  return {
    kind: 'write',
    current: next,
    next: undefined,
    why: 'the next certificate is trusted everywhere',
  };
}

function reasonToRenew(pair: IssuedPair, now: Date, { renewAheadMs }: CertificateTiming): string | undefined {
  if (!pair.coversHosts) return 'the certificate is not for the names of the Service';
  if (now < pair.notBefore) return 'the certificate is not valid yet';
  if (now >= pair.notAfter) return 'the certificate has expired';
  const leftMs = pair.notAfter.getTime() - now.getTime();
  return leftMs <= renewAheadMs ? 'two thirds of its life are over' : undefined;
}
