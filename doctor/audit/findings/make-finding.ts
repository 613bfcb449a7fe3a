import { printable } from '../../../lib/text/printable.ts';
import type { Remedy } from '../../chain/finding.ts';
import type { AuditCode } from '../explanations/audit-code.ts';
import { auditExplanations } from '../explanations/audit-explanations.ts';
import type { AuditFinding } from '../model.ts';
import { safeText } from '../safe-text.ts';

/** Parts of an audit finding. Its severity is that of its code. */
interface AuditTrouble {
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
  readonly object: string;
  readonly text: string;
  readonly remedy: Remedy;
}

/** Makes a finding. Texts of tenants and servers become printable, and lose what looks secret. */
export function auditFinding(code: AuditCode, trouble: AuditTrouble): AuditFinding {
  const { cluster, namespace, object, text, remedy } = trouble;
  return {
    code,
    severity: auditExplanations[code].severity,
    cluster,
    namespace,
    object: safeText(object),
    text: safeText(text),
    remedy: { text: printable(remedy.text), commands: remedy.commands.map((command) => printable(command)) },
  };
}

/** Most names in one text. */
const MAX_NAMES = 5;

/** Joins names for a sentence: `a, b and 3 more`. */
export function joinNames(names: readonly string[], total = names.length): string {
  const shown = names.slice(0, MAX_NAMES).join(', ');
  return total > MAX_NAMES ? `${shown} and ${total - MAX_NAMES} more` : shown;
}
