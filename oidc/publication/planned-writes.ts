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
  /** As it is before this write; undefined where there is none. */
  readonly before: StoredDocument | undefined;
  readonly document: DocumentToStore;
}

/**
 * The documents that change, in an order that can be broken off anywhere: keys before the document that promises them; and a time is
 * noted before a key goes and forgotten after it, so that a key that comes back finds no old time.
 */
export function plannedWrites(
  { discovery, jwks, notes }: Publication,
  next: NextKeySet,
  nextDiscovery: JsonObject,
): readonly PlannedWrite[] {
  const pruned = new Set(next.states.filter(({ state }) => state === 'pruned').map(({ kid }) => kid));
  // A key that goes without having been noted needs no note for the moment in between.
  const first = without(next.unservedSince, (kid) => pruned.has(kid) && !notes.value.has(kid));
  const last = without(first, (kid) => pruned.has(kid));
  const firstNotes = noteWrites(notes.path, notes.stored, first);
  const [noted] = firstNotes;
  // Its revision is the target's to give by then.
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

/** The same keys, in whatever order. */
function sameKeys(one: readonly JsonObject[], other: readonly JsonObject[]): boolean {
  const sorted = (keys: readonly JsonObject[]) =>
    keys.toSorted((a, b) => compareText(String(a['kid']), String(b['kid'])));
  return isDeepStrictEqual(sorted(one), sorted(other));
}
