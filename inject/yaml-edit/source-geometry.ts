import {
  type CST,
  isCollection,
  isNode,
  isPair,
  isScalar,
  type Node,
  type Pair,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { NotEditable } from './text-edits.ts';

/** Extent of a list item or of a member of a mapping: from its dash or key to the end of its value. */
export interface Entry {
  readonly start: number;
  readonly end: number;
}

/** Returns the entries of a list or a mapping, each with its dash, question mark, anchor and tag. */
export function entriesOf(collection: YAMLMap | YAMLSeq): Entry[] {
  return collection.items.map((item, at) => {
    const mark = tokenOf(collection, at)?.start.find(({ type }) => MARKS.includes(type));
    const first = isPair(item) ? nodeOf(item.key) : nodeOf(item);
    return { start: mark?.offset ?? rangeOf(first)[0], end: endOfItem(item) };
  });
}

const MARKS: readonly string[] = ['seq-item-ind', 'explicit-key-ind', 'anchor', 'tag'];

/** Returns the offset at which the text of a node ends, before comments and blanks. */
export function endOf(node: Node): number {
  if (isCollection(node) && !node.flow) {
    const last = node.items.at(-1);
    if (last) return endOfItem(last);
  }
  return rangeOf(node)[1];
}

function endOfItem(item: unknown): number {
  if (!isPair(item)) return endOf(nodeOf(item));
  return endOf(nodeOf(item.value ?? item.key));
}

/** Returns the name of a member in plain data; undefined for a merge (`<<`). */
export function keyOf({ key }: Pair): string | undefined {
  const value: unknown = isScalar(key) ? key.value : key;
  if (typeof value === 'symbol') return undefined;
  return value === null ? '' : String(value);
}

/** Returns start and end of a node's own text, without anchor, tag and comment. */
export function rangeOf(node: Node): readonly [start: number, end: number] {
  if (!node.range) throw new NotEditable('a node that was read has a range');
  return [node.range[0], node.range[1]];
}

export function nodeOf(value: unknown): Node {
  if (isNode(value)) return value;
  throw new NotEditable('a node was expected');
}

/** Returns the token of a list item or a member, for details that the node lacks. */
export function tokenOf(collection: Node, at: number): CST.CollectionItem | undefined {
  const token = collection.srcToken;
  return token && 'items' in token ? token.items[at] : undefined;
}

/** Returns the offset after a member's colon, and after the anchor and tag of its value. */
export function endOfColon(token: CST.CollectionItem | undefined): number | undefined {
  const last = token?.sep?.findLast(({ type }) => ['map-value-ind', 'anchor', 'tag'].includes(type));
  return last && last.offset + last.source.length;
}

/** Returns the names of the anchors within a node. */
export function anchorsIn(node: unknown): string[] {
  const anchors: string[] = [];
  if (!isNode(node)) return anchors;
  visit(node, {
    Value: (_, { anchor }) => {
      if (anchor) anchors.push(anchor);
    },
  });
  return anchors;
}
