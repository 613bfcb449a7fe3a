import { compareText } from '../../../lib/text/compare.ts';
import { clusterName } from '../../audit/context-name.ts';
import type { AuditModel } from '../../audit/model.ts';
import { SEVERITIES } from '../../audit/severity.ts';
import { type Html, html } from '../html.ts';
import { SEVERITY_LABELS } from '../labels.ts';

/** Draws the filters. They are hidden until the script of the page runs, since they need it. */
export function drawFilters(model: AuditModel): Html {
  const { clusters, findings, chains, grants } = model;
  const namespaces = new Set([...findings, ...chains, ...grants].flatMap(({ namespace }) => namespace ?? []));
  return html`<form class="filters" role="search" aria-label="Filters" hidden>
<label>Text <input type="search" name="text" autocomplete="off" spellcheck="false" placeholder="name, role, finding …"></label>
${
  clusters.length < 2
    ? undefined
    : select(
        'Cluster',
        'cluster',
        clusters.map(({ context }, index) => [String(index), clusterName(context)]),
      )
}
${select(
  'Namespace',
  'namespace',
  [...namespaces].sort(compareText).map((name) => [name, name]),
)}
${select(
  'Severity',
  'severity',
  SEVERITIES.map((severity) => [severity, SEVERITY_LABELS[severity]]),
)}
<label class="check"><input type="checkbox" name="broken"> Only broken and refused</label>
<button type="reset">Clear</button>
<output class="shown" aria-live="polite"></output>
</form>
`;
}

function select(label: string, name: string, options: readonly (readonly [string, string])[]): Html {
  return html`<label>${label} <select name="${name}"><option value="">All</option>${options.map(
    ([value, text]) => html`<option value="${value}">${text}</option>`,
  )}</select></label>`;
}
