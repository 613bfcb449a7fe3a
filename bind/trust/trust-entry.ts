/** Tokens that a role trusts: one `Allow` of its trust policy, for one issuer. */
export interface TrustEntry {
  /** ARN of the OIDC provider in IAM. */
  readonly providerArn: string;
  readonly issuer: string;
  /** `system:serviceaccount:NAMESPACE:NAME`; with `*` or `?` a pattern for StringLike. */
  readonly subject: string;
  readonly isPattern: boolean;
  readonly audience: string;
  /** Container whose own token this is; its audience ends with `/CONTAINER`. Left out: the pod's token. */
  readonly container?: string | undefined;
  /** Further conditions that are asked for. Left out: none, and those that are there stay. */
  readonly conditions?: readonly TrustCondition[] | undefined;
}

/** A condition beside those on subject and audience: `StringEquals aws:SourceVpc=vpc-1`. */
export interface TrustCondition {
  /** `StringEquals`, `ForAnyValue:StringLike`, … */
  readonly operator: string;
  readonly key: string;
  /** At least one; one of them must match. */
  readonly values: readonly string[];
}
