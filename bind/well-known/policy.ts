/** A statement of an IAM policy, as it stands in the document. */
export interface PolicyStatement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** What a widely used controller needs of AWS. Permissions are those that its own documentation lists. */
export interface PolicyDefinition {
  readonly name: string;
  /** One line for `--help` and the console. */
  readonly description: string;
  /** The ServiceAccount that the controller's own manifests use; undefined where there is no usual one. */
  readonly serviceAccount: { readonly namespace: string; readonly name: string } | undefined;
  /** AWS's own policies, as path and name behind `arn:PARTITION:iam::aws:policy/`. */
  readonly managedPolicies: readonly string[];
  /** Permissions beyond those, for one partition; empty where there are none. */
  readonly statements: (partition: string) => readonly PolicyStatement[];
}

/** For a controller whose permissions AWS keeps up to date. */
export function none(): readonly PolicyStatement[] {
  return [];
}
