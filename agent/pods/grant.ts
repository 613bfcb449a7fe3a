import type { RoleArn } from '../../lib/arn.ts';

/**
 * A role that the containers of a pod name, as the webhook wrote it: AWS_ROLE_ARN beside PODROLE_TOKEN_FILE.
 * The agent need not trust it: STS gives the role only for the pod's own token.
 */
export interface Grant {
  /**
   * Container that has this role alone, and gets it for the token of its audience; undefined for the role of
   * the whole pod, which a request by address gets too.
   */
  readonly container: string | undefined;
  readonly role: RoleArn;
  /** AWS_ROLE_SESSION_NAME, if the container has a fixed one. */
  readonly sessionName: string | undefined;
  /** The token to exchange. */
  readonly token: TokenPlace;
  /** Role that `role` assumes, if one is named. */
  readonly target: GrantTarget | undefined;
}

/** Place of a projected token in kubelet's folder of the pod. */
export interface TokenPlace {
  readonly volumeName: string;
  /** Path below the volume, without `..`. */
  readonly path: string;
}

export interface GrantTarget {
  readonly role: RoleArn;
  readonly hasSessionTags: boolean;
}
