/** Sessions that a target role trusts: those of one ServiceAccount's own role. */
export interface TargetEntry {
  /** Issuer of the cluster; with the subject, it names podrole's statement. */
  readonly issuer: string;
  /** `system:serviceaccount:NAMESPACE:NAME` */
  readonly subject: string;
  /** The pod's own role, which assumes the target. */
  readonly roleArn: string;
  readonly externalId: string;
  /** Session tags that are the same for all pods of the ServiceAccount; undefined: none are sent. */
  readonly tags: Readonly<Record<string, string>> | undefined;
}
