import { type Document, isAlias, isMap, isSeq } from 'yaml';
import { asObject, type JsonObject } from '../../lib/json/json.ts';

/** The value of an anchor whose text is taken out: equal to none that a document can hold. */
export const GONE = Symbol('gone');

/**
 * The members that a merge (`<<: *base`, `<<: [*one, *other]`) will bring, given what its anchors will be; undefined where one of them
 * is gone. Of two that bring the same, the first counts.
 */
export function mergedMembers(
  value: unknown,
  anchors: ReadonlyMap<string, unknown>,
  document: Document,
): JsonObject | undefined {
  if (isAlias(value)) return asObject(anchors.get(value.source));
  if (isMap(value)) return asObject(value.toJS(document));
  if (!isSeq(value)) return undefined;
  const members: Record<string, unknown> = {};
  for (const item of value.items.toReversed()) {
    const brought = mergedMembers(item, anchors, document);
    if (!brought) return undefined;
    Object.assign(members, brought);
  }
  return members;
}
