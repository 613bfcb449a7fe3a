/** Tokens that a role trusts: one `Allow` of its trust policy, for one issuer. */
export interface TrustEntry {
  /** ARN of the OIDC provider in IAM. */
  readonly providerArn: string;
  readonly issuer: string;
  /** `system:serviceaccount:NAMESPACE:NAME`; with `*` or `?` a pattern for StringLike. */
  readonly subject: string;
  readonly isPattern: boolean;
  readonly audience: string;
}
