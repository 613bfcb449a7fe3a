import type { SeenAuthorities } from './bundle-plan.ts';
import type { RegisteredEntry } from './registration.ts';

export interface AuthorityWatch extends SeenAuthorities {
  /** @param neededIds CAs of the pairs that this replica serves or knows of */
  readonly look: (
    entries: readonly RegisteredEntry[],
    neededIds: readonly string[],
    monotonicMs: number,
  ) => void;
}

/** Remembers since when CAs are trusted, and since when for nothing, from one look to the next. */
export function watchAuthorities(): AuthorityWatch {
  let trusted = new Map<string, number>();
  let idle = new Map<string, number>();
  return {
    look: (entries, neededIds, monotonicMs) => {
      const ids = new Set(entries.flatMap(({ bundle }) => [...bundle.authorities.keys()]));
      const since = (earlier: ReadonlyMap<string, number>, found: Iterable<string>) =>
        new Map([...found].map((caId) => [caId, earlier.get(caId) ?? monotonicMs]));
      trusted = since(
        trusted,
        [...ids, ...neededIds].filter((caId) => entries.every(({ bundle }) => bundle.authorities.has(caId))),
      );
      idle = since(
        idle,
        [...ids].filter((caId) => !neededIds.includes(caId)),
      );
    },
    trustedSinceMs: (caId) => trusted.get(caId) ?? Number.POSITIVE_INFINITY,
    idleSinceMs: (caId) => idle.get(caId) ?? Number.POSITIVE_INFINITY,
  };
}
