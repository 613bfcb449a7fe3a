import { clusterName } from '../audit/context-name.ts';
import type { AuditModel } from '../audit/model.ts';
import { graphOfGrants } from './graph/graph-of-grants.ts';
import { type Html, html, trusted } from './html.ts';
import { pageAssets } from './page/assets.ts';
import { contentPolicy } from './page/content-policy.ts';
import { placesOf } from './place.ts';
import { drawChains } from './sections/chains.ts';
import { drawFilters } from './sections/filters.ts';
import { drawFindings } from './sections/findings.ts';
import { drawGrants } from './sections/grants.ts';
import { drawGraphSection } from './sections/graph.ts';
import { drawRoles } from './sections/roles.ts';
import { drawScope } from './sections/scope.ts';
import { drawSummary } from './sections/summary.ts';
import { writeDate } from './write-date.ts';

/** Contexts that the heading names. The scope has all of them. */
const MAX_CONTEXTS = 4;

/**
 * Renders an audit as one HTML page that needs nothing else: no file, no server, no network. It is complete
 * without its script, which adds filters, sorting and the highlights of the graph.
 */
export function renderReport(model: AuditModel): string {
  const assets = pageAssets();
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(contentPolicy(assets))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>podrole audit: ${contextsOf(model)}, ${writeDate(model.collectedAt)}</title>
<style>${trusted(assets.style)}</style>
</head>
<body>
${drawBody(model)}<script>${trusted(assets.script)}</script>
</body>
</html>
`;
  return page.markup;
}

function drawBody(model: AuditModel): Html {
  const places = placesOf(model);
  const graph = graphOfGrants(model.grants);
  return html`<a class="skip" href="#findings">Skip to the findings</a>
<header>
<p class="brand">podrole audit</p>
<h1>Who may assume what</h1>
<dl><div><dt>${model.clusters.length === 1 ? 'Cluster' : 'Clusters'}</dt><dd>${contextsOf(model)}</dd></div><div><dt>AWS account</dt><dd>${accountOf(model)}</dd></div><div><dt>Collected</dt><dd><time datetime="${model.collectedAt}">${writeDate(model.collectedAt)}</time></dd></div></dl>
<nav aria-label="Sections"><ul>${sectionsOf(model).map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
${drawFilters(model)}
<main>
${drawSummary(model)}${drawScope(model)}${drawFindings(model, places)}${drawChains(model, places)}${drawGraphSection(graph)}${drawGrants(model, graph, places)}${drawRoles(model)}</main>
<footer><p>Made by <code>podrole audit</code>. This page loads nothing from elsewhere and sends nothing. It names accounts, roles and workloads: share it with care.</p></footer>
`;
}

function sectionsOf({ grants }: AuditModel): readonly (readonly [string, string])[] {
  return [
    ['scope', 'Scope'],
    ['findings', 'Findings'],
    ['chains', 'Chains'],
    ...(grants.length > 0 ? ([['graph', 'Graph']] as const) : []),
    ['grants', 'Who may assume what'],
    ['roles', 'Roles'],
  ];
}

function contextsOf({ clusters }: AuditModel): string {
  const names = clusters.map(({ context }) => clusterName(context));
  if (names.length === 0) return 'none';
  const more = names.length - MAX_CONTEXTS;
  return names.slice(0, MAX_CONTEXTS).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function accountOf({ account }: AuditModel): string {
  return account ? `${account.accountId || "Ceph's default tenant"} (${account.partition})` : 'not read';
}
