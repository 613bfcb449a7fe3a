import type { Paint } from '../../lib/text/paint.ts';
import { printable } from '../../lib/text/printable.ts';
import { redactSecrets } from '../../lib/text/redact.ts';
import type { JudgedUse, NamespaceReport, Permission } from './policy-report.ts';

/** Longest value of a rule that is shown: an annotation can have 32,768 characters. */
const SHOWN = 400;

/** Renders what each namespace may use and what is refused. Namespaces with neither are left out. */
export function renderReport(reports: readonly NamespaceReport[], paint: Paint): string {
  const lines = reports
    .filter(({ mayUse, uses }) => mayUse.length > 0 || uses.length > 0)
    .flatMap(({ namespace, mayUse, uses }) => [
      paint('heading', `Namespace ${printable(namespace)}`),
      ...mayUse.map(permissionLine),
      ...uses.flatMap((use) => useLines(use, paint)),
    ]);
  const uses = reports.flatMap((report) => report.uses);
  const refused = uses.filter(({ refused: refusal }) => refusal).length;
  return `${[...lines, `${refused} of ${uses.length} roles in use are refused`].join('\n')}\n`;
}

function permissionLine({ from, serviceAccounts, roles }: Permission): string {
  const accounts = serviceAccounts.includes('*') ? '' : `; ServiceAccounts ${serviceAccounts.join(' ')}`;
  return `  may use  ${safe(roles.join(' ')) || 'no role'}  (${safe(from)}${safe(accounts)})`;
}

/** Renders a role in use, and why it is refused. */
export function useLines({ object, role, refused }: JudgedUse, paint: Paint): readonly string[] {
  const what = `${safe(object)}: ${safe(role)}`;
  if (!refused) return [`  ${paint('created', 'allowed')}  ${what}`];
  const { object: rule, problem, remedy } = refused;
  return [
    `  ${paint('alarm', 'refused')}  ${what}`,
    `           ${safe(`${rule}: ${problem}`)}; ${safe(remedy)}`,
  ];
}

function safe(text: string): string {
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return printable(redactSecrets(shown));
}
