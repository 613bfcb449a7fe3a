import { bundlesToPatch, type SeenAuthorities } from './bundle-plan.ts';
import { type IssuedPair, isValidAt } from './issued-pair.ts';
import type { PairSecret } from './pair-secret.ts';
import { type BundlesByEntry, type Registration, trusts } from './registration.ts';
import type { CertificateTiming } from './timing.ts';

/** `absent`: there is no such MutatingWebhookConfiguration; `unknown`: it can't be read. */
export type RegistrationView = Registration | 'absent' | 'unknown';

/** Everything that a replica knows at a moment. */
export interface CertificateView {
  readonly secret: PairSecret;
  readonly registration: RegistrationView;
  /** What this replica serves. */
  readonly served: IssuedPair | undefined;
  readonly now: Date;
  readonly monotonicMs: number;
  readonly seen: SeenAuthorities;
}

/** One thing to do; what comes after it is decided when it is done. */
export type Step =
  | { readonly kind: 'serve'; readonly pair: IssuedPair }
  | {
      readonly kind: 'write';
      readonly current: IssuedPair | 'new';
      readonly next: IssuedPair | 'new' | undefined;
      readonly why: string;
    }
  | { readonly kind: 'patch'; readonly bundles: BundlesByEntry }
  /** At most so long: then there will be something to do. */
  | { readonly kind: 'wait'; readonly ms: number };

/** What a replica does next for the certificates. Replicas need not agree: each step is right whoever takes it, and one of them wins. */
export function nextStep(view: CertificateView, timing: CertificateTiming): Step {
  const { secret, served } = view;
  const { current } = secret;
  // Served on from memory, it must be trusted even where the Secret can't be put right.
  if (!current) return (served && patchOf(view, timing)) ?? restoreSecret(view);
  const toServe = pairToServe(current, view);
  if (toServe.cert !== served?.cert) return { kind: 'serve', pair: toServe };
  return patchOf(view, timing) ?? renew(current, view, timing);
}

function patchOf(view: CertificateView, timing: CertificateTiming): Step | undefined {
  const { secret, served, registration, now } = view;
  if (typeof registration !== 'object') return undefined;
  const pairs = [secret.current, secret.next, served && isValidAt(served, now) ? served : undefined];
  const needed = pairs.filter((pair) => !!pair);
  if (needed.length === 0) return undefined;
  const bundles = bundlesToPatch(registration, needed, view, timing);
  return bundles.size > 0 ? { kind: 'patch', bundles } : undefined;
}

/** The pair in memory is the one that is trusted: it goes back, and what made the Secret lose it makes it be renewed. */
function restoreSecret({ secret, served, now }: CertificateView): Step {
  const { object, next, faults } = secret;
  const why = faults[0] ?? (object ? 'the Secret is empty' : 'there is no Secret');
  if (served?.coversHosts && isValidAt(served, now)) {
    return { kind: 'write', current: served, next: next ?? 'new', why };
  }
  return { kind: 'write', current: next ?? 'new', next: undefined, why };
}

/** The current pair as soon as it is trusted; until then the one that has been. */
function pairToServe(current: IssuedPair, { served, registration, now }: CertificateView): IssuedPair {
  if (!served || !isValidAt(served, now)) return current;
  if (registration === 'unknown') return served;
  if (registration === 'absent' || trusts(registration, current.caId)) return current;
  return trusts(registration, served.caId) ? served : current;
}

function renew(
  current: IssuedPair,
  { secret: { next }, registration, now, monotonicMs, seen }: CertificateView,
  timing: CertificateTiming,
): Step {
  const reason = reasonToRenew(current, now, timing);
  if (!next) {
    if (!reason) return { kind: 'wait', ms: timing.lookMs };
    return { kind: 'write', current, next: 'new', why: reason };
  }
  const nextReason = reasonToRenew(next, now, timing);
  if (nextReason) return { kind: 'write', current, next: 'new', why: nextReason };
  if (registration === 'unknown') return { kind: 'wait', ms: timing.lookMs };
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
