import { drawGraph } from '../graph/draw.ts';
import type { Graph } from '../graph/graph.ts';
import { type Html, html } from '../html.ts';
import { VERDICT_LABELS } from '../labels.ts';

/** Draws the graph with its legend. The table after it says the same in words. */
export function drawGraphSection(graph: Graph): Html {
  if (graph.edges.length === 0) return html``;
  return html`<section id="graph" aria-labelledby="graph-heading">
<h2 id="graph-heading">Graph of who may assume what</h2>
<p class="lead" id="graph-note">${
    graph.isJoined
      ? 'Namespaces on the left, roles on the right. Roles that only one namespace has are one node. '
      : 'ServiceAccounts on the left, roles on the right. '
  }The table below has every grant.</p>
<ul class="legend">${Object.entries(VERDICT_LABELS).map(
    ([verdict, label]) =>
      html`<li><svg width="40" height="10" aria-hidden="true"><path class="edge ${verdict}" d="M0 5H40" stroke-width="2"/></svg> ${label}</li>`,
  )}<li><svg width="40" height="10" aria-hidden="true"><path class="edge allowed odd" d="M0 5H40" stroke-width="2"/></svg> by another way than web identity</li></ul>
<div class="scroll" tabindex="0" role="region" aria-label="Graph, may be wider than the window">${drawGraph(graph)}</div>
<p class="told" role="status" data-told hidden></p>
</section>
`;
}
