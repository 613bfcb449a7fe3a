import { compareText } from '../../../lib/text/compare.ts';
import type { Graph, GraphEdge, GraphNode } from './graph.ts';

/** Height of a node, in units of the drawing. */
export const ROW = 24;

export interface Placed {
  readonly node: GraphNode;
  /** Its place in the graph, by which edges name it. */
  readonly number: number;
  /** Middle of its row. */
  readonly y: number;
}

export interface Layout {
  readonly from: readonly Placed[];
  readonly to: readonly Placed[];
  /** Name of a cluster above its first node. Empty if all nodes are of one cluster. */
  readonly headings: readonly { readonly text: string; readonly y: number }[];
  readonly height: number;
}

/**
 * Places the left side in the order of the names, and each node of the right side as close as possible to the
 * mean of what leads to it, so that edges are short and few of them cross.
 */
export function layOut(graph: Graph): Layout {
  const { from, headings } = placeLeft(graph.from);
  const to = placeRight(graph, new Map(from.map(({ number, y }) => [number, y])));
  const bottom = Math.max(from.at(-1)?.y ?? 0, to.at(-1)?.y ?? 0);
  return { from, to, headings, height: bottom + ROW };
}

function placeLeft(nodes: readonly GraphNode[]): Pick<Layout, 'from' | 'headings'> {
  const sorted = nodes
    .map((node, number) => ({ node, number }))
    .sort((one, other) => byPlace(one.node, other.node));
  const hasHeadings = new Set(nodes.map(({ cluster }) => cluster)).size > 1;
  const headings: { text: string; y: number }[] = [];
  let y = 0;
  const from = sorted.map(({ node, number }, index) => {
    y += ROW;
    if (hasHeadings && node.cluster !== sorted[index - 1]?.node.cluster) {
      headings.push({ text: node.cluster, y });
      y += ROW;
    }
    return { node, number, y };
  });
  return { from, headings };
}

function byPlace(one: GraphNode, other: GraphNode): number {
  // What stands for several clusters comes last.
  if ((one.cluster === '') !== (other.cluster === '')) return one.cluster === '' ? 1 : -1;
  return compareText(one.cluster, other.cluster) || compareText(one.label, other.label);
}

function placeRight({ to, edges }: Graph, heights: ReadonlyMap<number, number>): readonly Placed[] {
  const sums = to.map(() => ({ sum: 0, count: 0 }));
  for (const edge of edges) addHeight(sums, edge, heights);
  let y = 0;
  return to
    .map((node, number) => ({ node, number, mean: meanOf(sums[number]) }))
    .sort((one, other) => one.mean - other.mean || compareText(one.node.title, other.node.title))
    .map(({ node, number, mean }) => {
      y = Math.max(y + ROW, mean);
      return { node, number, y };
    });
}

function addHeight(
  sums: { sum: number; count: number }[],
  { from, to }: GraphEdge,
  heights: ReadonlyMap<number, number>,
): void {
  const entry = sums[to];
  if (!entry) return;
  entry.sum += heights.get(from) ?? 0;
  entry.count += 1;
}

function meanOf(entry: { readonly sum: number; readonly count: number } | undefined): number {
  return entry && entry.count > 0 ? Math.round(entry.sum / entry.count) : 0;
}
