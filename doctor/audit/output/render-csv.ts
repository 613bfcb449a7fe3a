import { printable } from '../../../lib/text/printable.ts';
import type { AuditModel } from '../model.ts';

const HEAD = [
  'cluster',
  'namespace',
  'serviceAccount',
  'container',
  'by',
  'role',
  'verdict',
  'pods',
  'reasons',
  'policy',
  'policyReason',
  'servedBy',
] as const;

/** Renders who may assume what as CSV: RFC 4180, for programs and spreadsheets. */
export function renderCsv({ grants }: AuditModel): string {
  const rows = grants.map(
    ({ cluster, namespace, serviceAccount, container = '', kind, roleArn, verdict, ...more }) => [
      cluster,
      namespace,
      serviceAccount,
      container,
      kind,
      roleArn,
      verdict,
      more.pods.join(' '),
      more.reasons.join('; '),
      more.policy,
      more.policyReason ?? '',
      more.servedBy?.join(' or ') ?? '',
    ],
  );
  return [HEAD, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A spreadsheet runs a cell that begins with one of these, also of full width, as a formula. */
const FORMULA = /^\s*[=+\-@＝＋－＠]/;

function cell(value: string): string {
  const text = printable(value);
  const inert = FORMULA.test(value) ? `'${text}` : text;
  return /[",;\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
