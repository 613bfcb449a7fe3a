/** A statement of an IAM policy, as it is in the document. */
export interface PolicyStatement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Permissions that a widely used controller needs in AWS, as its own documentation lists them. */
export interface PolicyDefinition {
  readonly name: string;
  /** One line for `--help` and the console. */
  readonly description: string;
  /** ServiceAccount that the controller's own manifests use; undefined if there is no usual one. */
  readonly serviceAccount: { readonly namespace: string; readonly name: string } | undefined;
  /** AWS's own policies, as path and name after `arn:PARTITION:iam::aws:policy/`. */
  readonly managedPolicies: readonly string[];
  /** Work that remains to be done by hand once the pods run with the role; the plan names it. */
  readonly afterwards?: string;
  /** Further permissions in one partition; may be empty. */
  readonly statements: (partition: string) => readonly PolicyStatement[];
}

/** For a controller whose permissions AWS keeps up to date. */
export function none(): readonly PolicyStatement[] {
  return [];
}
