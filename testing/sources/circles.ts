/**
 * Returns the circles of a graph: its strongly connected components of two or more nodes, and nodes with an
 * edge to themselves. It uses Tarjan's algorithm, whose time is linear in nodes and edges.
 */
export function findCircles(edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const circles: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();

  function visit(node: string): void {
    const own = index.size;
    index.set(node, own);
    low.set(node, own);
    stack.push(node);
    onStack.add(node);
    for (const next of edges.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (onStack.has(next)) low.set(node, Math.min(low.get(node) ?? own, low.get(next) ?? own));
    }
    if (low.get(node) === own) collect(node);
  }

  function collect(root: string): void {
    const members = stack.splice(stack.lastIndexOf(root));
    for (const member of members) onStack.delete(member);
    if (members.length > 1 || edges.get(root)?.includes(root)) circles.push(members.sort());
  }

  for (const node of edges.keys()) if (!index.has(node)) visit(node);
  return circles;
}
