import { type Document, isMap, isNode, isScalar, isSeq, type Node, Pair, Scalar, YAMLMap } from 'yaml';

/** A node with a YAML tag that has no meaning in plain data, such as `!Sub`. */
export interface TaggedNode {
  /** As it is written: `!Sub`, `!!binary`. */
  readonly tag: string;
  readonly offset: number;
  /**
   * Replaces the node by a mapping with one member, whose name is the tag: `{'!Sub': VALUE}`. Undefined for
   * the key of a mapping and for the root of a document, which cannot be replaced.
   */
  readonly wrap: (() => void) | undefined;
}

const CORE = 'tag:yaml.org,2002:';

/** Tags of plain data, each with the values that it can have. */
const PLAIN: Readonly<Record<string, (node: Node) => boolean>> = {
  map: isMap,
  seq: isSeq,
  str: (node) => isScalar(node) && typeof node.value === 'string',
  int: isNumber,
  float: isNumber,
  bool: (node) => isScalar(node) && typeof node.value === 'boolean',
  null: (node) => isScalar(node) && node.value === null,
};

/**
 * Returns the nodes of a document whose tags podrole does not know, or does not find true of their values.
 * The library drops such a tag, and keeps the value. A value without a tag and `!` are plain data.
 * @param document of parseYamlDocuments, which limits its depth
 */
export function findUnknownTags({ contents }: Document): readonly TaggedNode[] {
  const found: TaggedNode[] = [];
  const visit = (node: unknown, put: ((replacement: Node) => void) | undefined, isInKey = false) => {
    if (!isNode(node)) return;
    const within = (set: (replacement: Node) => void) => (isInKey ? undefined : set);
    if (isSeq(node)) {
      for (const [at, item] of node.items.entries()) {
        const set = (replacement: Node) => {
          node.items[at] = replacement;
        };
        visit(item, within(set), isInKey);
      }
    } else if (isMap(node)) {
      for (const pair of node.items) {
        visit(pair.key, undefined, true);
        const set = (replacement: Node) => {
          pair.value = replacement;
        };
        visit(pair.value, within(set), isInKey);
      }
    }
    const tag = unknownTagOf(node);
    if (tag === undefined) return;
    const wrap = put && (() => put(wrapped(node, tag)));
    found.push({ tag, offset: node.range?.[0] ?? 0, wrap });
  };
  visit(contents, undefined);
  return found;
}

function unknownTagOf(node: Node): string | undefined {
  const { tag } = node;
  if (tag === undefined || tag === '!') return undefined;
  if (!tag.startsWith(CORE)) return tag.startsWith('!') ? tag : `!<${tag}>`;
  const name = tag.slice(CORE.length);
  return Object.hasOwn(PLAIN, name) && PLAIN[name]?.(node) ? undefined : `!!${name}`;
}

/** Aliases of the node become aliases of the mapping. */
function wrapped(node: Node, tag: string): Node {
  const map = new YAMLMap();
  const key = new Scalar(tag);
  key.range = node.range ?? null;
  map.range = node.range ?? null;
  if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) {
    map.anchor = node.anchor;
    delete node.anchor;
  }
  map.items.push(new Pair(key, node));
  return map;
}

function isNumber(node: Node): boolean {
  return isScalar(node) && (typeof node.value === 'number' || typeof node.value === 'bigint');
}
