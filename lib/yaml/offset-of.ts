import { type Document, isMap, isNode, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import type { FieldPath } from './fields.ts';

/**
 * Returns a function that gives the offset of a field, or of the longest part of its path that is in the
 * text. It finds a member in constant time: a file can have a fault in each of many members.
 */
export function createOffsetOf({ contents }: Document): (path: FieldPath) => number {
  const members = new Map<YAMLMap, ReadonlyMap<unknown, Pair>>();
  const membersOf = (map: YAMLMap) => {
    const known = members.get(map);
    if (known) return known;
    const pairs = map.items.flatMap((pair) => (isScalar(pair.key) ? [[pair.key.value, pair] as const] : []));
    const found = new Map(pairs);
    members.set(map, found);
    return found;
  };
  return (path) => {
    let node: unknown = contents;
    let offset = contents?.range?.[0] ?? 0;
    for (const part of path) {
      if (isMap(node)) {
        const pair = membersOf(node).get(part);
        if (!pair || !isScalar(pair.key)) break;
        offset = pair.key.range?.[0] ?? offset;
        node = pair.value;
      } else if (isSeq(node)) {
        node = node.items[Number(part)];
        if (isNode(node)) offset = node.range?.[0] ?? offset;
      } else break;
    }
    return offset;
  };
}
