import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../lib/json/json.ts';
import { compareText } from '../../lib/text/compare.ts';
import type { DocumentToStore, StoredDocument } from '../targets/target.ts';
import { NOTES_CACHE_CONTROL, PUBLIC_CACHE_CONTROL } from './cache-headers.ts';
import type { NextKeySet, UnservedSince } from './next-key-set.ts';
import { renderNotes } from './notes.ts';
import type { Publication } from './read-publication.ts';

/** One document that is to change. */
export interface PlannedWrite {
  /** Below the root of the site. */
  readonly path: string;
  /** The stored document before this write; undefined if there is none. */
  readonly before: StoredDocument | undefined;
  readonly document: DocumentToStore;
}

/**
 * Returns the documents that change, in an order that may be interrupted anywhere. The keys come before the
 * discovery document that promises them. The time of a key is noted before the key is removed, and deleted
 * after it, so that a key that comes back does not find an old time.
 */
export function plannedWrites(
  { discovery, jwks, notes }: Publication,
  next: NextKeySet,
  nextDiscovery: JsonObject,
): readonly PlannedWrite[] {
  const pruned = new Set(next.states.filter(({ state }) => state === 'pruned').map(({ kid }) => kid));
  // A removed key that was never noted needs no note in between.
  const first = without(next.unservedSince, (kid) => pruned.has(kid) && !notes.value.has(kid));
  const last = without(first, (kid) => pruned.has(kid));
  const firstNotes = noteWrites(notes.path, notes.stored, first);
  const [noted] = firstNotes;
  // The target will assign the revision.
  const between = noted ? { content: noted.document.content, revision: '' } : notes.stored;
  const isSameSet =
    jwks.stored !== undefined &&
    sameKeys(
      jwks.value.map(({ json }) => json),
      next.keys,
    );
  return [
    ...firstNotes,
    ...(isSameSet
      ? []
      : [publicWrite(jwks.path, jwks.stored, { keys: next.keys }, 'application/jwk-set+json')]),
    ...(isDeepStrictEqual(nextDiscovery, discovery.value)
      ? []
      : [publicWrite(discovery.path, discovery.stored, nextDiscovery, 'application/json')]),
    ...noteWrites(notes.path, between, last),
  ];
}

function noteWrites(
  path: string,
  before: StoredDocument | undefined,
  times: UnservedSince,
): readonly PlannedWrite[] {
  const content = renderNotes(times);
  if (content === (before?.content ?? renderNotes(new Map()))) return [];
  const document = { content, contentType: 'application/json', cacheControl: NOTES_CACHE_CONTROL };
  return [{ path, before, document }];
}

function publicWrite(
  path: string,
  before: StoredDocument | undefined,
  value: object,
  contentType: string,
): PlannedWrite {
  const content = `${JSON.stringify(value, null, 2)}\n`;
  return { path, before, document: { content, contentType, cacheControl: PUBLIC_CACHE_CONTROL } };
}

function without(times: UnservedSince, isLeftOut: (kid: string) => boolean): UnservedSince {
  return new Map([...times].filter(([kid]) => !isLeftOut(kid)));
}

/** Returns whether both have the same keys, in any order. */
function sameKeys(one: readonly JsonObject[], other: readonly JsonObject[]): boolean {
  const sorted = (keys: readonly JsonObject[]) =>
    keys.toSorted((a, b) => compareText(String(a['kid']), String(b['kid'])));
  return isDeepStrictEqual(sorted(one), sorted(other));
}
