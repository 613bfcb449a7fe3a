/**
 * - `bound`: the role lets in exactly this ServiceAccount's tokens
 * - `drifted`: role and ServiceAccount are there, but one does not point to the other
 * - `no role`: the annotated role does not exist
 * - `orphaned`: the role's ServiceAccount does not exist
 * - `foreign issuer`: the role trusts other issuers alone
 * - `wildcard`: the role lets in more than it names: a finding of security
 * - `other account`: the annotated role is in an account that these credentials do not see
 * - `unbound`: a ServiceAccount without a role
 */
export type BindingState =
  | 'bound'
  | 'drifted'
  | 'no role'
  | 'orphaned'
  | 'foreign issuer'
  | 'wildcard'
  | 'other account'
  | 'unbound';

/** One line of `podrole list`. */
export interface BindingRow {
  readonly state: BindingState;
  /** Undefined, like the next, where a role is for no ServiceAccount in particular. */
  readonly namespace: string | undefined;
  readonly serviceAccount: string | undefined;
  /** Undefined for a ServiceAccount without one. */
  readonly roleArn: string | undefined;
  /** What is wrong, or worth a word. */
  readonly details: readonly string[];
}

/** Whether nothing has to be done about it. A role of another cluster is no concern of this one's until a ServiceAccount names it. */
export function isHealthy({ state, serviceAccount }: BindingRow): boolean {
  if (state === 'foreign issuer') return serviceAccount === undefined;
  return state === 'bound' || state === 'unbound' || state === 'other account';
}
