import { auditExplanations } from '../doctor/audit/explanations/audit-explanations.ts';
import { SEVERITIES, type Severity } from '../doctor/audit/severity.ts';

/** Heading of the part of docs/audit.md that is generated: it is the last one. */
export const FINDINGS_HEADING = '## Findings\n';

const ABOUT: Readonly<Record<Severity, string>> = {
  high: 'Somebody has a role, or can take one, who should not.',
  medium: 'It is open to more than it should be, or does not work.',
  low: 'It should be cleaned up.',
  note: 'It is good to know.',
};

/** Renders every finding of `podrole audit`, by severity. */
export function renderAuditFindings(): string {
  const lines = SEVERITIES.flatMap((severity) => [
    '',
    `### ${severity}`,
    '',
    ABOUT[severity],
    '',
    '| code | finding | what to do |',
    '|---|---|---|',
    ...Object.entries(auditExplanations)
      .filter(([, explanation]) => explanation.severity === severity)
      .map(([code, { title, happened, remedy }]) => `| \`${code}\` | ${title}. ${happened} | ${remedy} |`),
  ]);
  return `${['', 'Generated from the code; `UPDATE_GOLDEN=1 npm test` writes it again.', ...lines].join('\n')}\n`;
}
