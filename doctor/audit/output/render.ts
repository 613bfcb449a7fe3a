import { renderForPrograms } from '../../../lib/for-programs.ts';
import type { Paint } from '../../../lib/text/paint.ts';
import type { AuditModel } from '../model.ts';
import { renderCsv } from './render-csv.ts';
import { renderDot } from './render-dot.ts';
import { renderSarif } from './render-sarif.ts';
import { renderTable } from './render-table.ts';

export const AUDIT_OUTPUTS = ['table', 'csv', 'dot', 'json', 'yaml', 'sarif'] as const;
export type AuditOutput = (typeof AUDIT_OUTPUTS)[number];

/** Renders an audit in one of its formats. */
export function renderAudit(model: AuditModel, output: AuditOutput, paint: Paint): string {
  if (output === 'table') return renderTable(model, paint);
  if (output === 'csv') return renderCsv(model);
  if (output === 'dot') return renderDot(model);
  return output === 'sarif' ? renderSarif(model) : renderForPrograms(model, output);
}
