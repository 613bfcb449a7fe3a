import type { Fault } from '../lib/errors.ts';

/** A role that the pods of a ServiceAccount are about to get. */
export interface RoleUse {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** The role as it is written: a name or an ARN. */
  readonly given: string;
  readonly roleArn: string;
  /**
   * Object that names it. A pod's annotation needs a rule that allows it; the others need none that refuses
   * it.
   */
  readonly namedBy: 'pod' | 'service-account' | 'config-map';
}

/** Reason why a role may not be used. */
export interface Refusal extends Omit<Fault, 'code'> {
  readonly rule: 'permitted' | 'allowed-roles' | 'namespace-policy' | 'policy-file' | 'no-rule';
}
