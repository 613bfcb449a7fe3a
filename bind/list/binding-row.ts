import type { TargetTrust } from '../trust/target/judge-target-trust.ts';

/**
 * - `bound`: the role lets in exactly this ServiceAccount's tokens
 * - `restricted`: it does so under conditions that podrole cannot check, such as a source address
 * - `drifted`: role and ServiceAccount exist, but one does not point to the other
 * - `no role`: the annotated role does not exist
 * - `orphaned`: the role's ServiceAccount does not exist
 * - `foreign issuer`: the role trusts only other issuers
 * - `wildcard`: the role lets in more than it names, which is a security finding
 * - `other account`: the annotated role is in an account that these credentials cannot read
 * - `unbound`: a ServiceAccount without a role
 */
export type BindingState =
  | 'bound'
  | 'restricted'
  | 'drifted'
  | 'no role'
  | 'orphaned'
  | 'foreign issuer'
  | 'wildcard'
  | 'other account'
  | 'unbound';

/** State of a target role; `other account` if these credentials cannot read it. */
type TargetState = TargetTrust | 'other account' | 'no role' | 'not an ARN';

/** Role that the role of a row assumes for its pods. */
export interface TargetCell {
  readonly roleArn: string;
  readonly hasSessionTags: boolean;
  readonly state: TargetState;
  /** Faults and remarks. */
  readonly details: readonly string[];
}

/** One line of `podrole list`. */
export interface BindingRow {
  readonly state: BindingState;
  /** Undefined, like the next, if a role is for no particular ServiceAccount. */
  readonly namespace: string | undefined;
  readonly serviceAccount: string | undefined;
  /** Container whose own role this is; left out for the role of the whole pod. */
  readonly container?: string;
  /** Left out if annotations of the ServiceAccount name the role. */
  readonly namedBy?: 'pod';
  /** Some of the pods that name it. */
  readonly pods?: readonly string[];
  /** Undefined for a ServiceAccount without one. */
  readonly roleArn: string | undefined;
  /** Left out if the ServiceAccount names no target role. */
  readonly target?: TargetCell;
  /** Faults and remarks. */
  readonly details: readonly string[];
}

const HEALTHY_TARGETS: readonly TargetState[] = ['trusts', 'restricted', 'other account'];

/**
 * True if nothing has to be done. A role of another cluster matters only if a ServiceAccount of this one
 * names it.
 */
export function isHealthy({ state, serviceAccount, target }: BindingRow): boolean {
  if (target && !HEALTHY_TARGETS.includes(target.state)) return false;
  if (state === 'foreign issuer') return serviceAccount === undefined;
  return ['bound', 'restricted', 'unbound', 'other account'].includes(state);
}
