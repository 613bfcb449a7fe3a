import { asArray, asObject, asText, type JsonObject, objectsOf } from '../../../lib/json/json.ts';
import { metadataOf } from '../../../lib/kubernetes-objects.ts';
import type { RbacBinding, RbacRole, RbacSubject } from '../facts/rbac-facts.ts';

/** Narrows a Role or a ClusterRole. */
export function narrowRole(role: JsonObject): RbacRole {
  return {
    ...namesOf(role),
    rules: objectsOf(role['rules']).map((rule) => ({
      apiGroups: strings(rule['apiGroups']),
      resources: strings(rule['resources']),
      verbs: strings(rule['verbs']),
      resourceNames: strings(rule['resourceNames']),
    })),
  };
}

/** Narrows a RoleBinding or a ClusterRoleBinding. */
export function narrowBinding(binding: JsonObject): RbacBinding {
  const names = namesOf(binding);
  const reference = asObject(binding['roleRef']);
  return {
    ...names,
    role: {
      kind: reference?.['kind'] === 'Role' ? 'Role' : 'ClusterRole',
      name: asText(reference?.['name']) ?? '',
    },
    subjects: objectsOf(binding['subjects']).flatMap((subject) => narrowSubject(subject, names.namespace)),
  };
}

/** A ServiceAccount without a namespace is of that of the binding. */
function narrowSubject(subject: JsonObject, namespace: string | undefined): readonly RbacSubject[] {
  const { kind } = subject;
  const name = asText(subject['name']) ?? '';
  if (kind === 'ServiceAccount')
    return [{ kind, name, namespace: asText(subject['namespace']) ?? namespace }];
  return kind === 'User' || kind === 'Group' ? [{ kind, name, namespace: undefined }] : [];
}

function namesOf(object: JsonObject): { readonly namespace: string | undefined; readonly name: string } {
  const metadata = metadataOf(object);
  return { namespace: asText(metadata?.['namespace']) || undefined, name: asText(metadata?.['name']) ?? '' };
}

function strings(value: unknown): readonly string[] {
  return (asArray(value) ?? []).flatMap((item) => asText(item) ?? []);
}
