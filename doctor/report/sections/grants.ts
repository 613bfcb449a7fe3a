import { parseRoleArn } from '../../../lib/arn.ts';
import { compareText } from '../../../lib/text/compare.ts';
import type { AuditedGrant, AuditModel } from '../../audit/model.ts';
import { edgeKey, type Graph } from '../graph/graph.ts';
import { type Html, html } from '../html.ts';
import { KIND_LABELS, POLICY_LABELS, VERDICT_LABELS } from '../labels.ts';
import type { Places } from '../place.ts';

/** Draws who may assume what as a table. */
export function drawGrants({ grants }: AuditModel, graph: Graph, places: Places): Html {
  const rows = grants
    .map((grant, index) => ({ grant, edge: graph.edgeOf[index] }))
    .sort((one, other) => compareText(placeOf(one.grant), placeOf(other.grant)));
  return html`<section id="grants" aria-labelledby="grants-heading">
<h2 id="grants-heading">Who may assume what <span class="count" data-count="grant">${grants.length}</span></h2>
${
  grants.length === 0
    ? html`<p class="empty">No ServiceAccount has a role.</p>`
    : html`<table class="grants" data-sortable>
<caption>Every ServiceAccount with each role that it can get, or that it names</caption>
<thead><tr><th scope="col">ServiceAccount</th><th scope="col">Role</th><th scope="col">Verdict</th><th scope="col">Why</th></tr></thead>
<tbody>${rows.map(({ grant, edge }) => drawGrant(grant, edge && edgeKey(edge), places))}</tbody>
</table>`
}
</section>
`;
}

function placeOf({ cluster, namespace, serviceAccount, container = '', roleArn }: AuditedGrant): string {
  return [cluster, namespace, serviceAccount, container, roleArn].join('/');
}

function drawGrant(grant: AuditedGrant, edge: string | undefined, places: Places): Html {
  const { cluster, namespace, serviceAccount, container, roleArn, kind, verdict, pods } = grant;
  const reasons = [...grant.reasons, ...(grant.policyReason === undefined ? [] : [grant.policyReason])];
  const policy = POLICY_LABELS[grant.policy];
  return html`<tr data-f="grant" data-s="${verdict}" data-e="${edge}"${places.attributes(cluster, namespace)}><th scope="row">${namespace}/<b>${serviceAccount}</b>${container === undefined ? undefined : html`<small>container ${container}</small>`}${places.cluster(cluster)}</th><td>${drawArn(roleArn)}</td><td><span class="verdict ${verdict}">${VERDICT_LABELS[verdict]}</span><small>${KIND_LABELS[kind]}</small>${policy === undefined ? undefined : html`<small>${policy}</small>`}</td><td>${reasons.map((reason) => html`<p>${reason}</p>`)}${pods.length === 0 ? undefined : html`<small>${pods.length === 1 ? 'Pod' : 'Pods'} ${pods.join(', ')}</small>`}</td></tr>
`;
}

/** An ARN with the name of the role in bold. */
export function drawArn(arn: string): Html {
  const name = parseRoleArn(arn)?.name;
  return name === undefined ? html`${arn}` : html`${arn.slice(0, -name.length)}<b>${name}</b>`;
}
