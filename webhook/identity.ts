import type { ConfigMapIdentities } from './identity-config-map.ts';
import type { PodIdentity } from './pod-identity.ts';
import type { ServiceAccountFacts } from './service-accounts.ts';
import type { IdentitySettings } from './settings.ts';

/** What a pod's identity is decided from. */
export interface IdentityInput {
  readonly namespace: string;
  readonly serviceAccountName: string;
  /** Undefined where there is certainly none of that name. */
  readonly serviceAccount: ServiceAccountFacts | undefined;
  /** `metadata.annotations` of the pod as it came: anything may stand there. */
  readonly podAnnotations: unknown;
  /** The container-credentials file. */
  readonly containerCredentials: { has(namespace: string, serviceAccountName: string): boolean };
  /** The ConfigMap `pod-identity-webhook`. */
  readonly configMap: Pick<ConfigMapIdentities, 'find'>;
  /** With `accountId` and `partition` filled in where `composeRoleArn` is on; an empty partition is the region's. */
  readonly settings: IdentitySettings;
  /** Uniform in [0, 1), for the jitter of container credentials. */
  readonly random: () => number;
}

export interface IdentityDecision {
  /** Undefined: the pod is left as it is. */
  readonly identity: PodIdentity | undefined;
  /** Admission warnings, one line each, under 256 characters. */
  readonly warnings: readonly string[];
}

/**
 * The identity of a pod, in the AWS webhook's order: container-credentials file, annotations of the ServiceAccount, ConfigMap, none.
 */
export function decideIdentity(_input: IdentityInput): IdentityDecision {
  return { identity: undefined, warnings: [] };
}
