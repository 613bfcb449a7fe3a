import type { AuditModel } from '../../audit/model.ts';
import { SEVERITIES } from '../../audit/severity.ts';
import { stateOf } from '../chain-state.ts';
import { type Html, html } from '../html.ts';
import { SEVERITY_LABELS } from '../labels.ts';

interface Tile {
  readonly number: number;
  readonly label: string;
  readonly note: string;
  readonly href: string;
  readonly tone?: string | undefined;
}

/** Draws the totals, each of which leads to its section. */
export function drawSummary(model: AuditModel): Html {
  return html`<section aria-labelledby="totals-heading">
<h2 id="totals-heading" class="hidden">Totals</h2>
<ul class="tiles">${[...severityTiles(model), ...chainTiles(model)].map(drawTile)}</ul>
</section>
`;
}

function drawTile({ number, label, note, href, tone }: Tile): Html {
  return html`<li class="tile ${number === 0 ? 'none' : tone}"><a href="#${href}"><b>${number}</b> <span>${label}</span> <small>${note}</small></a></li>
`;
}

function severityTiles({ findings }: AuditModel): readonly Tile[] {
  const bySeverity = Map.groupBy(findings, ({ severity }) => severity);
  return SEVERITIES.map((severity) => {
    const number = bySeverity.get(severity)?.length ?? 0;
    const note = number === 1 ? 'finding' : 'findings';
    return { number, label: SEVERITY_LABELS[severity], note, href: 'findings', tone: severity };
  });
}

function chainTiles({ chains, grants, roles, clusters }: AuditModel): readonly Tile[] {
  const broken = chains.filter((chain) => stateOf(chain) === 'broken').length;
  const withRole = new Set(
    grants.map(({ cluster, namespace, serviceAccount }) =>
      JSON.stringify([cluster, namespace, serviceAccount]),
    ),
  ).size;
  const all = clusters.reduce((sum, { totals }) => sum + totals.serviceAccounts, 0);
  const missing = roles.filter(({ exists }) => !exists).length;
  return [
    { number: broken, label: 'Broken', note: `of ${chains.length} chains`, href: 'chains', tone: 'broken' },
    { number: withRole, label: 'With a role', note: `of ${all} ServiceAccounts`, href: 'grants' },
    {
      number: roles.length,
      label: 'Roles',
      note: missing === 0 ? 'all exist' : `${missing} of them missing`,
      href: 'roles',
    },
  ];
}
