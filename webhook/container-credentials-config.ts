import type { Fault } from '../lib/errors.ts';

/** The ServiceAccounts that the container-credentials file names. */
export interface ContainerCredentialsSet {
  readonly size: number;
  has(namespace: string, serviceAccountName: string): boolean;
}

export type ParsedContainerCredentialsConfig =
  | { readonly ok: true; readonly identities: ContainerCredentialsSet }
  /** The caller keeps the last good set. */
  | { readonly ok: false; readonly fault: Fault };

/** No file, or an empty one. */
export const NO_CONTAINER_CREDENTIALS: ContainerCredentialsSet = { size: 0, has: () => false };

/** The file of `--watch-container-credentials-config`; undefined (no such file) or empty text: an empty set. */
export function parseContainerCredentialsConfig(_text: string | undefined): ParsedContainerCredentialsConfig {
  return { ok: true, identities: NO_CONTAINER_CREDENTIALS };
}
