import { auditExplanations } from '../../audit/explanations/audit-explanations.ts';
import type { AuditFinding, AuditModel } from '../../audit/model.ts';
import { SEVERITIES, type Severity } from '../../audit/severity.ts';
import { type Html, html } from '../html.ts';
import { SEVERITY_LABELS } from '../labels.ts';
import type { Places } from '../place.ts';
import { drawRemedy } from '../remedy.ts';

/** A group with more findings is closed at first, so that the page stays easy to survey. */
const OPEN_UP_TO = 5;

interface Explained {
  readonly title: string;
  readonly happened: string;
}
const explanations: Readonly<Record<string, Explained | undefined>> = auditExplanations;

/** Draws the findings, the most severe first, and together those with the same code. */
export function drawFindings({ findings }: AuditModel, places: Places): Html {
  const bySeverity = Map.groupBy(findings, ({ severity }) => severity);
  return html`<section id="findings" aria-labelledby="findings-heading">
<h2 id="findings-heading">Findings <span class="count" data-count="finding">${findings.length}</span></h2>
${findings.length === 0 ? html`<p class="empty">The audit found nothing to change.</p>` : undefined}
${SEVERITIES.map((severity) => drawSeverity(severity, bySeverity.get(severity) ?? [], places))}
</section>
`;
}

function drawSeverity(severity: Severity, findings: readonly AuditFinding[], places: Places): Html {
  if (findings.length === 0) return html``;
  const groups = [...Map.groupBy(findings, ({ code }) => code)];
  return html`<div data-group><h3 class="severity ${severity}">${SEVERITY_LABELS[severity]} <span class="count">${findings.length}</span></h3>
${groups.map(([code, members]) => drawGroup(code, members, places))}</div>
`;
}

function drawGroup(code: string, findings: readonly AuditFinding[], places: Places): Html {
  const { title = code, happened } = explanations[code] ?? {};
  const texts = new Set(findings.map(({ remedy }) => remedy.text));
  const [shared] = texts.size === 1 && findings.length > 1 ? texts : [];
  return html`<details class="group" data-group${findings.length <= OPEN_UP_TO ? html` open` : undefined}>
<summary><span class="title">${withCode(title)}</span> <span class="count">${findings.length}</span> ${title === code ? undefined : html`<code class="code">${code}</code>`}</summary>
${happened === undefined ? undefined : html`<p class="happened">${withCode(happened)}</p>`}
${shared === undefined ? undefined : drawRemedy({ text: shared, commands: [] })}
<ul class="items">${findings.map((finding) => drawFinding(finding, places, shared !== undefined))}</ul>
</details>
`;
}

function drawFinding(finding: AuditFinding, places: Places, isExplained: boolean): Html {
  const { cluster, namespace, severity, object, text, remedy } = finding;
  const shown = isExplained ? { text: '', commands: remedy.commands } : remedy;
  return html`<li data-f="finding" data-s="${severity}"${places.attributes(cluster, namespace)}><p><b>${object}</b> ${text}${places.cluster(cluster)}</p>${
    shown.text === '' && shown.commands.length === 0 ? undefined : drawRemedy(shown)
  }</li>
`;
}

/** Draws what is between backquotes in podrole's own texts as code. */
function withCode(text: string): Html {
  return html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
