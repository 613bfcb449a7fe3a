import type { WebhookEntry } from '../objects/webhook-configuration.ts';
import type { SeenAuthorities } from './bundle-plan.ts';

export const NOTHING_SEEN: SeenAuthorities = { trustedSinceMs: new Map(), idleSinceMs: new Map() };

export interface AuthorityLook {
  readonly entries: readonly WebhookEntry[];
  /** CAs of the pairs that this replica serves or knows of. */
  readonly neededIds: readonly string[];
  readonly monotonicMs: number;
}

/** Returns what a replica has seen after one more look. */
export function afterLook(
  earlier: SeenAuthorities,
  { entries, neededIds, monotonicMs }: AuthorityLook,
): SeenAuthorities {
  const ids = new Set(entries.flatMap(({ bundle }) => [...bundle.authorities.keys()]));
  const since = (before: ReadonlyMap<string, number>, found: readonly string[]) =>
    new Map(found.map((caId) => [caId, before.get(caId) ?? monotonicMs]));
  const isTrusted = (caId: string) => entries.every(({ bundle }) => bundle.authorities.has(caId));
  return {
    trustedSinceMs: since(earlier.trustedSinceMs, [...ids, ...neededIds].filter(isTrusted)),
    idleSinceMs: since(
      earlier.idleSinceMs,
      [...ids].filter((caId) => !neededIds.includes(caId)),
    ),
  };
}
