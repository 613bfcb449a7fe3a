import type { IssuedPair } from '../objects/issued-pair.ts';
import type { BundlesByEntry, WebhookConfiguration, WebhookEntry } from '../objects/webhook-configuration.ts';
import type { CertificateTiming } from './timing.ts';

/**
 * Times since when the replica has observed the present state, by CA. They are times of its monotonic clock,
 * so that a change of the date does not hasten a step.
 */
export interface SeenAuthorities {
  /** Start of the time in which every entry has trusted the CA; absent if one entry does not. */
  readonly trustedSinceMs: ReadonlyMap<string, number>;
  /**
   * Start of the time in which the CA has been trusted although this replica does not need it; absent if it
   * does.
   */
  readonly idleSinceMs: ReadonlyMap<string, number>;
}

interface Moment {
  readonly now: Date;
  readonly monotonicMs: number;
  readonly seen: SeenAuthorities;
  readonly timing: CertificateTiming;
}

/**
 * Returns the bundles that must change. A CA that is needed is added at once, and one that is not is removed
 * late. What is not a certificate is removed at once.
 */
export function bundlesToPatch(
  { entries }: WebhookConfiguration,
  needed: readonly IssuedPair[],
  moment: Moment,
): BundlesByEntry {
  const pemById = new Map(needed.map(({ caId, ca }) => [caId, ca]));
  const changes = entries.flatMap((entry): [string, readonly string[]][] => {
    const kept = keptAuthorities(entry, pemById, moment);
    const { authorities, isClean } = entry.bundle;
    const missesNone = [...pemById.keys()].every((caId) => authorities.has(caId));
    if (isClean && missesNone && pemById.size + kept.length === authorities.size) return [];
    return [[entry.name, [...pemById.values(), ...kept]]];
  });
  return new Map(changes);
}

/**
 * Returns the CAs that this replica does not need but another one may. A CA of podrole stays until it
 * expires, since a replica that cannot reach the API server serves its pair until then. Any other CA stays
 * for as long as a change of certificates may take.
 */
function keptAuthorities(
  { bundle }: WebhookEntry,
  needed: ReadonlyMap<string, string>,
  { now, monotonicMs, seen, timing: { retireMs } }: Moment,
): readonly string[] {
  return [...bundle.authorities]
    .filter(([caId, { isOurs, notAfter }]) => {
      if (needed.has(caId)) return false;
      const isIdle = monotonicMs - (seen.idleSinceMs.get(caId) ?? Number.POSITIVE_INFINITY) >= retireMs;
      return !isIdle || (isOurs && now < notAfter);
    })
    .map(([, { pem }]) => pem);
}
