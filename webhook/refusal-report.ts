import type { IdentityDecision } from '../identity/decide-identity.ts';
import { warningLine } from '../identity/warning.ts';
import type { Refusal } from '../policy/role-use.ts';
import type { PolicySettings } from '../policy/settings.ts';

/** Roles of a pod that rules refuse, for log, metric and audit log. */
export interface RefusalReport {
  readonly mode: PolicySettings['policy'];
  /** Rule of each refusal. */
  readonly rules: readonly Refusal['rule'][];
  /** One line of printable characters for each of the first refusals. */
  readonly reasons: readonly string[];
}

/** Most refusals that are described: a ServiceAccount can name a role for each of a thousand containers. */
const MAX_DESCRIBED = 5;

/** Key of the annotation in the API server's audit log, behind the name of the webhook and a slash. */
const AUDIT_KEY = 'role-refused';

/** @returns undefined if no role is refused */
export function reportRefusals(
  refusals: IdentityDecision['refusals'],
  mode: PolicySettings['policy'],
): RefusalReport | undefined {
  if (refusals.length === 0) return undefined;
  return {
    mode,
    rules: refusals.map(({ rule }) => rule),
    reasons: refusals.slice(0, MAX_DESCRIBED).map((refusal) => `${refusal.rule}: ${warningLine(refusal)}`),
  };
}

/** Returns what the audit log of the API server gets: the mode, and each reason. */
export function auditAnnotationsOf({
  mode,
  rules,
  reasons,
}: RefusalReport): Readonly<Record<string, string>> {
  const more = rules.length - reasons.length;
  const all = more > 0 ? [...reasons, `${more} more`] : reasons;
  return { [AUDIT_KEY]: [`policy=${mode}`, ...all].join(' | ') };
}
