import { type Document, isAlias, isMap, isSeq } from 'yaml';
import { asObject, type JsonObject } from '../../lib/json/json.ts';

/** Value of an anchor whose text is removed. It equals no value that a document can hold. */
export const GONE = Symbol('gone');

/**
 * Returns the members that a merge (`<<: *base`, `<<: [*one, *other]`) will bring, given the future values of
 * its anchors; undefined if one of them is gone. If two bring the same member, the first counts.
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
