import type { Fault } from '../lib/errors.ts';
import type { IdentitySettings } from './settings.ts';

/** One entry of the ConfigMap, defaults filled in. */
export interface ConfigMapIdentity {
  readonly roleArn: string;
  readonly audience: string;
  readonly regionalSts: boolean;
  /** Within the limits of Kubernetes. */
  readonly expirationSeconds: number;
}

/** The identities of the ConfigMap by ServiceAccount. */
export interface ConfigMapIdentities {
  readonly size: number;
  find(namespace: string, serviceAccountName: string): ConfigMapIdentity | undefined;
}

export interface ParsedIdentityConfigMap {
  /** Undefined where the text as a whole can't be read: the caller keeps the last good one. */
  readonly identities: ConfigMapIdentities | undefined;
  readonly faults: readonly Fault[];
}

/** No ConfigMap, or an empty one. */
export const NO_CONFIG_MAP_IDENTITIES: ConfigMapIdentities = { size: 0, find: () => undefined };

/** The key `config` of the ConfigMap `pod-identity-webhook`; undefined or empty text: no identities. */
export function parseIdentityConfigMap(
  _text: string | undefined,
  _settings: IdentitySettings,
): ParsedIdentityConfigMap {
  return { identities: NO_CONFIG_MAP_IDENTITIES, faults: [] };
}
