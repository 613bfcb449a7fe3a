import { clusterName } from '../../audit/context-name.ts';
import type { AuditedCluster, AuditModel } from '../../audit/model.ts';
import { type Html, html } from '../html.ts';

/** Draws what was read, and what could not be read: the report says nothing about that. */
export function drawScope({ clusters }: AuditModel): Html {
  return html`<section id="scope" aria-labelledby="scope-heading">
<h2 id="scope-heading">Scope</h2>
<table class="clusters">
<caption>Clusters that were read</caption>
<thead><tr><th scope="col">Cluster</th><th scope="col" class="number">Namespaces</th><th scope="col" class="number">ServiceAccounts</th><th scope="col" class="number">Pods</th><th scope="col" class="number">Nodes</th></tr></thead>
<tbody>${clusters.map(drawCluster)}</tbody>
</table>
${drawUnread(clusters)}
</section>
`;
}

function drawCluster({ context, issuer, totals }: AuditedCluster): Html {
  const numbers = [
    ['Namespaces', totals.namespaces],
    ['ServiceAccounts', totals.serviceAccounts],
    ['Pods', totals.pods],
    ['Nodes', totals.nodes],
  ] as const;
  return html`<tr><th scope="row">${clusterName(context)}<small>${issuer ?? 'issuer not known'}</small></th>${numbers.map(
    ([label, number]) => html`<td class="number" data-label="${label}">${number}</td>`,
  )}</tr>
`;
}

/** Draws each thing that could not be read once, with the clusters if it is not the same in all of them. */
function drawUnread(clusters: readonly AuditedCluster[]): Html {
  const things = contextsByThing(clusters);
  if (things.size === 0) return html`<p class="lead">Everything that the audit asked for could be read.</p>`;
  return html`<div class="notice"><p><b class="mark warning">Not everything could be read.</b> The report says nothing about:</p>
<ul>${[...things].map(([thing, contexts]) => {
    const place =
      contexts.length < clusters.length
        ? html` <small class="place">${contexts.map(clusterName).join(', ')}</small>`
        : undefined;
    return html`<li>${thing}${place}</li>`;
  })}</ul></div>`;
}

function contextsByThing(clusters: readonly AuditedCluster[]): ReadonlyMap<string, readonly string[]> {
  const contexts = new Map<string, string[]>();
  for (const { context, unread } of clusters) {
    for (const thing of new Set(unread)) {
      const known = contexts.get(thing);
      if (known) known.push(context);
      else contexts.set(thing, [context]);
    }
  }
  return contexts;
}
