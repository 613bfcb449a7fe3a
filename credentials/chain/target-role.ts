/** Role that the session of a pod's own role assumes: `podrole.dev/target-role-arn`. */
export interface TargetRole {
  readonly roleArn: string;
  /** `<region>/<account>/<cluster>/<namespace>/<serviceaccount>` */
  readonly externalId: string;
  /** Session tags by key; undefined: none are sent. */
  readonly tags: Readonly<Record<string, string>> | undefined;
}
