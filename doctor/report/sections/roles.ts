import { compareText } from '../../../lib/text/compare.ts';
import type { AuditedGrant, AuditedRole, AuditModel } from '../../audit/model.ts';
import { type Html, html } from '../html.ts';
import { writeDate } from '../write-date.ts';
import { drawArn } from './grants.ts';

/** Names that a row shows. The table of grants has all of them. */
const MAX_NAMES = 8;

/** Draws the roles, each with those whom its trust policy lets in. */
export function drawRoles({ roles, grants }: AuditModel): Html {
  const byRole = Map.groupBy(grants, ({ roleArn }) => roleArn);
  const sorted = [...roles].sort((one, other) => compareText(one.arn, other.arn));
  return html`<section id="roles" aria-labelledby="roles-heading">
<h2 id="roles-heading">Roles <span class="count">${roles.length}</span></h2>
${roles.length === 0 ? html`<p class="empty">The audit knows no role.</p>` : drawTable(sorted, byRole)}</section>
`;
}

function drawTable(
  roles: readonly AuditedRole[],
  byRole: ReadonlyMap<string, readonly AuditedGrant[]>,
): Html {
  return html`<table class="roles" data-sortable>
<caption>Every role, and who may assume it</caption>
<thead><tr><th scope="col">Role</th><th scope="col">Last used</th><th scope="col">Who may assume it</th></tr></thead>
<tbody>${roles.map((role) => drawRole(role, byRole.get(role.arn) ?? []))}</tbody>
</table>
`;
}

function drawRole({ arn, exists, lastUsedAt }: AuditedRole, grants: readonly AuditedGrant[]): Html {
  const used = lastUsedAt === undefined ? 'not known' : writeDate(lastUsedAt).slice(0, 10);
  const names = [
    ...new Set(
      grants
        .filter(({ verdict }) => verdict !== 'refused')
        .map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`),
    ),
  ];
  return html`<tr><th scope="row">${drawArn(arn)}${exists ? undefined : html`<small class="verdict refused">does not exist</small>`}</th><td>${used}</td><td>${names.length === 0 ? 'nobody in these clusters' : names.slice(0, MAX_NAMES).join(', ')}${names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : ''}</td></tr>
`;
}
