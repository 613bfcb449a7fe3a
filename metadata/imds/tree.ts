/** What metadata consists of: texts, and directories of names. Listings are made of the tree, so that they name nothing that is not there. */
export type MetadataNode = Value | Directory;

interface Value {
  readonly read: () => string | Promise<string>;
}

interface Directory {
  /** A Map: names come from requests, and `__proto__` is in every object. */
  readonly entries: ReadonlyMap<string, MetadataNode>;
  /** What stands behind the name of a directory in this one's listing: the real service has `/` from `meta-data` on, nothing above. */
  readonly directoryMark: '/' | '';
}

export function value(read: Value['read']): MetadataNode {
  return { read };
}

/** A directory; entries that are undefined are left out. */
export function directory(
  entries: Readonly<Record<string, MetadataNode | undefined>>,
  directoryMark: Directory['directoryMark'] = '/',
): MetadataNode {
  const present = Object.entries(entries).flatMap(([name, node]) => (node ? [[name, node] as const] : []));
  return { entries: new Map(present), directoryMark };
}

/** The node at a path, or undefined where there is none. */
export function findNode(root: MetadataNode, segments: readonly string[]): MetadataNode | undefined {
  let node: MetadataNode | undefined = root;
  for (const segment of segments) {
    node = node && 'entries' in node ? node.entries.get(segment) : undefined;
  }
  return node;
}

/** The text of a value, or the listing of a directory: a name a line, no newline at the end. */
export function readNode(node: MetadataNode): string | Promise<string> {
  if ('read' in node) return node.read();
  return [...node.entries]
    .map(([name, entry]) => ('entries' in entry ? `${name}${node.directoryMark}` : name))
    .join('\n');
}
