import {
  type Document,
  type DocumentOptions,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type ParseOptions,
  parseAllDocuments,
  type SchemaOptions,
  type YAMLMap,
  YAMLParseError,
} from 'yaml';

/**
 * Far more than any object of Kubernetes needs, and safe for code that walks through a document by recursion.
 */
const DEPTH_MAX = 200;
const TOO_DEEP = `Nested more than ${DEPTH_MAX} levels deep`;

/**
 * Limit of members that the merges (`<<`) of a document add: a chain of merges adds the square of its length.
 */
const MERGED_MEMBERS_MAX = 100_000;

/** Limit of anchors and aliases of a document: the library goes through all of them for each alias. */
const ANCHORS_MAX = 10_000;

type ErrorCode = YAMLParseError['code'];

/**
 * Parses the documents of a YAML file. Besides the errors of the library, a document has an error if it names
 * a key twice, is nested too deeply, contains itself or grows too much by merges. The library's own check for
 * duplicate keys is off: it compares each key with all before it, which takes ten seconds in a mapping of
 * 16,000 keys.
 */
export function parseYamlDocuments(
  text: string,
  options: ParseOptions & DocumentOptions & SchemaOptions = {},
): readonly Document.Parsed[] {
  const documents: readonly Document.Parsed[] = [
    // Else the library copies the line of each error, which can be the whole file.
    ...parseAllDocuments(text, { ...options, prettyErrors: false, uniqueKeys: false }),
  ];
  for (const document of documents) {
    nameOverflow(document);
    if (document.errors.length === 0) checkNode(document.contents, newCheck(document), 0);
  }
  return documents;
}

/** Replaces the library's error about the call stack, which documents far deeper than DEPTH_MAX cause. */
function nameOverflow(document: Document.Parsed): void {
  const overflow = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (overflow) document.errors = [new YAMLParseError(overflow.pos, 'RESOURCE_EXHAUSTION', TOO_DEEP)];
}

interface Check {
  readonly report: (code: ErrorCode, node: Node, message: string) => void;
  /** Number of members of the mapping at each anchor so far, with those of merges. */
  readonly sizes: Map<string, number>;
  /** Anchors of the nodes around the current one. */
  readonly open: Set<string>;
  merged: number;
  anchors: number;
}

function newCheck(document: Document.Parsed): Check {
  const reported = new Set<ErrorCode>();
  return {
    sizes: new Map(),
    open: new Set(),
    merged: 0,
    anchors: 0,
    report: (code, { range }, message) => {
      // One error of each code is enough: a hostile file can cause any number.
      if (reported.has(code)) return;
      reported.add(code);
      const [start, end] = range ?? [0, 0];
      document.errors.push(new YAMLParseError([start, end], code, message));
    },
  };
}

function checkNode(node: unknown, check: Check, depth: number): void {
  if (!isNode(node)) return;
  if ((isAlias(node) || node.anchor) && ++check.anchors > ANCHORS_MAX) {
    check.report('RESOURCE_EXHAUSTION', node, `More than ${ANCHORS_MAX} anchors and aliases`);
  }
  if (isAlias(node) && check.open.has(node.source)) {
    check.report('RESOURCE_EXHAUSTION', node, `The alias *${node.source} refers to a node that contains it`);
  }
  if (!isMap(node) && !isSeq(node)) return;
  if (depth === DEPTH_MAX) {
    check.report('RESOURCE_EXHAUSTION', node, TOO_DEEP);
    return;
  }
  // If an anchor is defined again inside itself, its aliases there are refused too, although they mean the
  // inner one.
  const anchor = node.anchor !== undefined && !check.open.has(node.anchor) ? node.anchor : undefined;
  if (anchor !== undefined) check.open.add(anchor);
  if (isSeq(node)) for (const item of node.items) checkNode(item, check, depth + 1);
  else checkMap(node, check, depth);
  if (anchor !== undefined) check.open.delete(anchor);
}

function checkMap(node: YAMLMap, check: Check, depth: number): void {
  const keys = new Set<unknown>();
  let size = 0;
  for (const pair of node.items) {
    checkKey(pair, keys, check);
    checkNode(pair.key, check, depth + 1);
    checkNode(pair.value, check, depth + 1);
    size += 1 + mergedBy(pair, check);
  }
  check.merged += size - node.items.length;
  if (check.merged > MERGED_MEMBERS_MAX) {
    check.report('RESOURCE_EXHAUSTION', node, `Merges add more than ${MERGED_MEMBERS_MAX} members`);
  }
  if (node.anchor) check.sizes.set(node.anchor, size);
}

function checkKey({ key }: Pair, keys: Set<unknown>, { report }: Check): void {
  const value: unknown = isScalar(key) ? key.value : undefined;
  // A merge may occur twice. A key that is not a scalar is a different object each time.
  if (!isScalar(key) || typeof value === 'symbol' || (typeof value === 'object' && value !== null)) return;
  if (keys.has(value)) report('DUPLICATE_KEY', key, 'Map keys must be unique');
  keys.add(value);
}

/** Returns how many members a merge adds at most; 0 for another member. */
function mergedBy({ key, value }: Pair, { sizes }: Check): number {
  if (!isScalar(key) || typeof key.value !== 'symbol') return 0;
  const sources = isSeq(value) ? value.items : [value];
  return sources.reduce<number>(
    (sum, source) => sum + (isAlias(source) ? (sizes.get(source.source) ?? 0) : 0),
    0,
  );
}
