import { printable } from '../../../lib/text/printable.ts';
import type { AuditedGrant } from '../../audit/model.ts';
import { type Html, html } from '../html.ts';
import { KIND_LABELS, VERDICT_LABELS } from '../labels.ts';
import { edgeKey, type Graph, type GraphEdge } from './graph.ts';
import { type Layout, layOut, type Placed, ROW } from './layout.ts';

/** Between the dots of the two sides, and between a dot and its label, in units of the drawing. */
const BETWEEN = 200;
const GAP = 12;
/** Longer labels are cut. */
const MAX_LABEL = 44;
/** Width of a character of a label. That of a wide font, since the font is the reader's. */
const CHARACTER = 8.4;

/** Draws the graph. Its nodes and edges have numbers, by which the script of the page lights them up. */
export function drawGraph(graph: Graph): Html {
  const layout = layOut(graph);
  const left = widthOf([...layout.headings.map(({ text }) => text), ...graph.from.map(({ label }) => label)]);
  const right = left + BETWEEN;
  const width = right + widthOf(graph.to.map(({ label }) => label));
  const heightOf = (side: readonly Placed[]) => new Map(side.map(({ number, y }) => [number, y]));
  const from = heightOf(layout.from);
  const to = heightOf(layout.to);
  const edges = graph.edges.map((edge) =>
    drawEdge(edge, { left, right, fromY: from.get(edge.from) ?? 0, toY: to.get(edge.to) ?? 0 }),
  );
  return html`<svg class="graph" viewBox="0 0 ${width} ${layout.height}" width="${width}" height="${layout.height}" role="group" aria-label="${describe(graph)}" aria-describedby="graph-note">
<g>${edges}</g>
${drawNodes(layout, { left, right, width })}</svg>`;
}

function widthOf(labels: readonly string[]): number {
  const longest = labels.reduce((length, label) => Math.max(length, shortened(label).length), 0);
  return Math.ceil(longest * CHARACTER) + 2 * GAP;
}

function describe({ from, to, edges, isJoined }: Graph): string {
  const left = `${from.length} ${isJoined ? 'namespaces' : 'ServiceAccounts'}`;
  return `Graph of ${left} on the left, ${to.length} roles on the right and ${edges.length} edges`;
}

/** The verdict that matters most to an auditor: one grant that is let in outweighs any that are refused. */
const VERDICT_ORDER: readonly AuditedGrant['verdict'][] = ['allowed', 'restricted', 'unknown', 'refused'];

interface EdgePlace {
  readonly left: number;
  readonly right: number;
  readonly fromY: number;
  readonly toY: number;
}

function drawEdge(edge: GraphEdge, { left, right, fromY, toY }: EdgePlace): Html {
  const verdicts = new Set(edge.grants.map(({ verdict }) => verdict));
  const verdict = VERDICT_ORDER.find((each) => verdicts.has(each)) ?? 'unknown';
  const kinds = new Set(edge.grants.map(({ kind }) => kind));
  const isOdd = !kinds.has('web-identity') && !kinds.has('container-role');
  const middle = (left + right) / 2;
  const path = `M${left} ${fromY}C${middle} ${fromY} ${middle} ${toY} ${right} ${toY}`;
  const width = 1.5 + Math.min(3, Math.log2(edge.grants.length) / 2);
  return html`<path class="edge ${verdict}${isOdd ? ' odd' : ''}" data-e="${edgeKey(edge)}" d="${path}" stroke-width="${width.toFixed(1)}"><title>${describeEdge(edge)}</title></path>
`;
}

function describeEdge({ grants }: GraphEdge): string {
  const counts = new Map<string, number>();
  for (const { verdict, kind } of grants) {
    const text = `${VERDICT_LABELS[verdict].toLowerCase()} by ${KIND_LABELS[kind]}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => (count === 1 ? text : `${count} ${text}`)).join(', ');
}

interface Widths {
  readonly left: number;
  readonly right: number;
  readonly width: number;
}

function drawNodes({ from, to, headings }: Layout, { left, right, width }: Widths): Html {
  const leftSide: Side = { side: 'a', x: left, labelX: left - GAP, anchor: 'end', area: 0, width: left };
  const rightSide: Side = {
    side: 'b',
    x: right,
    labelX: right + GAP,
    anchor: 'start',
    area: right,
    width: width - right,
  };
  return html`${headings.map(drawHeading(left))}${from.map((placed) => drawNode(placed, leftSide))}${to.map(
    (placed) => drawNode(placed, rightSide),
  )}`;
}

function drawHeading(x: number) {
  return ({ text, y }: Layout['headings'][number]) =>
    html`<text class="heading" x="${x}" y="${y + 4}" text-anchor="end">${shortened(text)}</text>\n`;
}

interface Side {
  readonly side: 'a' | 'b';
  readonly x: number;
  readonly labelX: number;
  readonly anchor: 'start' | 'end';
  /** Begin and width of the area in which a pointer means the node. */
  readonly area: number;
  readonly width: number;
}

function drawNode({ node, number, y }: Placed, { side, x, labelX, anchor, area, width }: Side): Html {
  const dot =
    side === 'a'
      ? html`<circle cx="${x}" cy="${y}" r="5"/>`
      : html`<rect x="${x - 5}" y="${y - 5}" width="10" height="10" rx="2"/>`;
  return html`<g class="node" data-${side}="${number}"><title>${node.title}</title><rect class="area" x="${area}" y="${y - ROW / 2}" width="${width}" height="${ROW}"/>${dot}<text x="${labelX}" y="${y + 4}" text-anchor="${anchor}">${shortened(node.label)}</text></g>
`;
}

/** Cuts the middle out of a long label, since the ends tell names apart. */
function shortened(label: string): string {
  const text = printable(label);
  if (text.length <= MAX_LABEL) return text;
  const half = (MAX_LABEL - 2) / 2;
  return `${text.slice(0, half)}…${text.slice(-half)}`;
}
