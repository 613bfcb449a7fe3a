import type { AuditedGrant } from '../../audit/model.ts';

/** Who may assume what, small enough to be drawn: ServiceAccounts or whole namespaces, and roles. */
export interface Graph {
  /** True if the left side has namespaces instead of ServiceAccounts. */
  readonly isJoined: boolean;
  readonly from: readonly GraphNode[];
  readonly to: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Edge of a grant, by its place in the model. */
  readonly edgeOf: readonly GraphEdge[];
}

export interface GraphNode {
  readonly label: string;
  /** Everything that the label leaves out. */
  readonly title: string;
  readonly cluster: string;
}

export interface GraphEdge {
  /** Places in `from` and `to`. */
  readonly from: number;
  readonly to: number;
  /** Grants that it stands for. Never empty. */
  readonly grants: readonly AuditedGrant[];
}

/** Ends of the edge of a grant. What has the same key is one node. */
export interface Ends {
  readonly from: GraphNode & { readonly key: string };
  readonly to: GraphNode & { readonly key: string };
}

/** Builds the graph from the ends of each grant, with one edge between two nodes. */
export function graphOf(
  grants: readonly AuditedGrant[],
  { isJoined, endsOf }: { readonly isJoined: boolean; readonly endsOf: (grant: AuditedGrant) => Ends },
): Graph {
  const from = new Numbered();
  const to = new Numbered();
  const edges = new Map<string, GraphEdge & { readonly grants: AuditedGrant[] }>();
  const edgeOf = grants.map((grant) => {
    const ends = endsOf(grant);
    const edge = { from: from.numberOf(ends.from), to: to.numberOf(ends.to), grants: [] };
    const key = edgeKey(edge);
    const known = edges.get(key) ?? edge;
    edges.set(key, known);
    known.grants.push(grant);
    return known;
  });
  return { isJoined, from: from.nodes, to: to.nodes, edges: [...edges.values()], edgeOf };
}

/** Name of an edge within the page. */
export function edgeKey({ from, to }: Pick<GraphEdge, 'from' | 'to'>): string {
  return `${from}-${to}`;
}

/** Nodes in the order in which they come up, once each. */
class Numbered {
  readonly nodes: GraphNode[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf({ key, ...node }: Ends['from']): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.nodes.length);
    return this.nodes.push(node) - 1;
  }
}
