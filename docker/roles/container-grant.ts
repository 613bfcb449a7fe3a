import type { RoleArn } from '../../lib/arn.ts';

/** Place where the role of a container was found; an earlier one wins. */
export type GrantSource = 'label' | 'environment' | 'file' | 'default';

/** Role that a container gets. */
export interface ContainerGrant {
  readonly role: RoleArn;
  /** IAM policy, as JSON, that narrows the session; undefined for all rights of the role. */
  readonly sessionPolicy: string | undefined;
  readonly source: GrantSource;
}

/** Decision of `chooseRole` about a container. */
export type RoleChoice =
  | { readonly kind: 'granted'; readonly grant: ContainerGrant }
  /** Nothing names a role for it. */
  | { readonly kind: 'without-role' }
  /** A role is named that it does not get. `reason` is a sentence for the log and for the container. */
  | { readonly kind: 'refused'; readonly reason: string };
