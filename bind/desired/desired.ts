import type { InlinePolicy } from '../iam/inline-policy.ts';
import type { TrustEntry } from '../trust/trust-entry.ts';
import type { ContainerRoleEntry } from './container-annotation.ts';
import type { DesiredTarget } from './desired-target.ts';

/**
 * State that IAM and the cluster should have for a binding, with nothing left to decide. Exports print it,
 * plans compare it.
 */
export interface DesiredBinding {
  /** `shop/web`; `shop/web/fluentd` for the role of one container. */
  readonly id: string;
  /** Container whose own role this is; undefined for the role of the whole pod. */
  readonly container?: string | undefined;
  readonly roleArn: string;
  /** Undefined if an existing role is only attached. */
  readonly role: DesiredRole | undefined;
  /** Tokens that the role must trust; empty for a role of MinIO, which has no trust policy. */
  readonly trustEntries: readonly TrustEntry[];
  /** Role that this one assumes for its pods. Left out: none is asked for. */
  readonly target?: DesiredTarget | undefined;
  /** Undefined for `--role-only`. */
  readonly serviceAccount: DesiredServiceAccount | undefined;
}

/** Lists of policies that a binding may give, by their names there. */
export type PolicyList = 'attachPolicyArns' | 'inlinePolicies' | 'wellKnown' | 'targetRoleArn';

export interface DesiredRole {
  readonly name: string;
  readonly path: string;
  /** For the console; ASCII. */
  readonly description: string;
  readonly maxSessionDurationSeconds: number | undefined;
  readonly permissionsBoundary: string | undefined;
  /** Ownership tags included. */
  readonly tags: Readonly<Record<string, string>>;
  readonly attachedPolicyArns: readonly string[];
  readonly inlinePolicies: readonly InlinePolicy[];
  /** Lists that were given: podrole's own policies of these that are not wanted are removed. */
  readonly givenLists: readonly PolicyList[];
}

export interface DesiredServiceAccount {
  readonly namespace: string;
  readonly name: string;
  /** The annotation of the whole pod's role included. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Roles of containers; other entries of their annotation stay. Left out: none. */
  readonly containerRoles?: readonly ContainerRoleEntry[] | undefined;
}

/** The OIDC provider that the bindings of a cluster need. */
export interface DesiredProvider {
  readonly arn: string;
  readonly issuer: string;
  readonly clientIds: readonly string[];
}
