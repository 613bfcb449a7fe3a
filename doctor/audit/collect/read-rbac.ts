import type { RbacBinding, RbacFacts, RbacRole } from '../facts/rbac-facts.ts';
import { type AuditAccess, eachObject, type ListedKind } from './bounded-list.ts';
import { narrowBinding, narrowRole } from './narrow-rbac.ts';

const METADATA = { namespace: true, name: true } as const;

function rbacKind(resource: string, isNamespaced: boolean): ListedKind {
  return {
    root: '/apis/rbac.authorization.k8s.io/v1',
    resource,
    isNamespaced,
    parts: { metadata: METADATA, rules: true, roleRef: true, subjects: true },
    missing: 'who may take the role of a ServiceAccount',
  };
}

/** Reads the rights of a cluster. */
export async function readRbac(access: AuditAccess): Promise<RbacFacts> {
  const roles: RbacRole[] = [];
  const bindings: RbacBinding[] = [];
  for (const [resource, isNamespaced] of [
    ['clusterroles', false],
    ['roles', true],
  ] as const)
    await eachObject(access, rbacKind(resource, isNamespaced), (role) => roles.push(narrowRole(role)));
  for (const [resource, isNamespaced] of [
    ['clusterrolebindings', false],
    ['rolebindings', true],
  ] as const)
    await eachObject(access, rbacKind(resource, isNamespaced), (each) => bindings.push(narrowBinding(each)));
  return { roles, bindings };
}
