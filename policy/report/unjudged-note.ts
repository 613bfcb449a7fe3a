import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { judgesRoles, type PolicySettings } from '../settings.ts';
import type { NamespaceReport } from './policy-report.ts';

/**
 * Returns a note if a Namespace has `podrole.dev/allowed-roles`, and a webhook with these settings does not
 * look at it.
 */
export function unjudgedNote(
  reports: readonly NamespaceReport[],
  settings: Parameters<typeof judgesRoles>[0] & Pick<PolicySettings, 'policy'>,
): string | undefined {
  const key = PODROLE_ANNOTATION.allowedRoles;
  const ruled = reports.filter(({ mayUse }) => mayUse.some(({ from }) => from === key));
  if (judgesRoles(settings) || ruled.length === 0) return undefined;
  return `podrole webhook looks at ${key} only with --role-policy-file, --pod-role-annotation, --policy=audit or --policy=enforce; without one of these options the annotation limits nobody`;
}
