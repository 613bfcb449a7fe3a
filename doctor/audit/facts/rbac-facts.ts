/** Rights in a cluster, as far as an audit needs them. */
export interface RbacFacts {
  readonly roles: readonly RbacRole[];
  readonly bindings: readonly RbacBinding[];
}

/** A Role, or a ClusterRole, which has no namespace. */
export interface RbacRole {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly rules: readonly RbacRule[];
}

export interface RbacRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Empty: every object. */
  readonly resourceNames: readonly string[];
}

/** A RoleBinding, or a ClusterRoleBinding, which has no namespace. */
export interface RbacBinding {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly role: { readonly kind: 'Role' | 'ClusterRole'; readonly name: string };
  readonly subjects: readonly RbacSubject[];
}

export interface RbacSubject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
  /** Of a ServiceAccount. */
  readonly namespace: string | undefined;
}
