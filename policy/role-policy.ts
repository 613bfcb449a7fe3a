/** Parsed policy file: which namespaces may use which roles. */
export interface RolePolicy {
  /** Name of the file, for messages. */
  readonly origin: string;
  readonly rules: readonly PolicyRule[];
  /**
   * Namespaces that no rule names: `deny`: no role. `annotated`: the roles of their own annotation
   * `podrole.dev/allowed-roles`. `allow`: every role that this annotation, if there is one, allows.
   */
  readonly unlisted: 'deny' | 'annotated' | 'allow';
}

/** A role is allowed if one rule names its namespace, its ServiceAccount and the role. */
export interface PolicyRule {
  /** Patterns of names of namespaces; `*` stands for any number of characters. */
  readonly namespaces: readonly string[];
  /** Patterns of names of ServiceAccounts; `*` alone: all. */
  readonly serviceAccounts: readonly string[];
  /** Patterns of role ARNs; `*` stands for any number of characters, `/` too. */
  readonly roles: readonly string[];
}
