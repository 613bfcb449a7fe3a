/**
 * Node of the metadata: a value, or a directory of names. Listings come from the tree, so that they name only
 * what exists.
 */
export type MetadataNode = Value | Directory;

interface Value {
  readonly read: () => string | Promise<string>;
}

interface Directory {
  /** A Map, since names come from requests and every object has `__proto__`. */
  readonly entries: ReadonlyMap<string, MetadataNode>;
  /**
   * Suffix of directories in the listing of this one: the real service has `/` from `meta-data` down, and
   * nothing above.
   */
  readonly directoryMark: '/' | '';
}

export function value(read: Value['read']): MetadataNode {
  return { read };
}

/** Creates a directory without the entries that are undefined. */
export function directory(
  entries: Readonly<Record<string, MetadataNode | undefined>>,
  directoryMark: Directory['directoryMark'] = '/',
): MetadataNode {
  const present = Object.entries(entries).flatMap(([name, node]) => (node ? [[name, node] as const] : []));
  return { entries: new Map(present), directoryMark };
}

/** Returns the node at a path; undefined if there is none. */
export function findNode(root: MetadataNode, segments: readonly string[]): MetadataNode | undefined {
  let node: MetadataNode | undefined = root;
  for (const segment of segments) {
    node = node && 'entries' in node ? node.entries.get(segment) : undefined;
  }
  return node;
}

/**
 * Returns the string of a value, or the listing of a directory: one name per line, without a newline at the
 * end.
 */
export function readNode(node: MetadataNode): string | Promise<string> {
  if ('read' in node) return node.read();
  return [...node.entries]
    .map(([name, entry]) => ('entries' in entry ? `${name}${node.directoryMark}` : name))
    .join('\n');
}
