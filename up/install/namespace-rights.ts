import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { judgesRoles, POLICY_MODES } from '../../policy/settings.ts';
import { idOf } from './manifest.ts';

const ROLE = 'podrole-webhook';
const RULES = [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] }];

/**
 * Returns the ClusterRole and its binding by which the webhook may read Namespaces, as
 * manifests/components/role-rules has them; none if it judges no roles by these settings.
 * @param manifest with the webhook's other ClusterRole
 * @param settings variables of the webhook: `PODROLE_POLICY`
 */
export function namespaceRights(
  manifest: readonly JsonObject[],
  settings: Readonly<Record<string, string>>,
): readonly JsonObject[] {
  const { PODROLE_POLICY: given = '', PODROLE_ROLE_POLICY_FILE: rolePolicyFile } = settings;
  const isJudging = judgesRoles({
    podRoleAnnotation: settings['PODROLE_POD_ROLE_ANNOTATION'] || undefined,
    rolePolicyFile: rolePolicyFile || undefined,
    policy: POLICY_MODES.find((mode) => mode === given) ?? 'warn',
  });
  if (!isJudging) return [];
  return manifest.filter(isWebhookRole).map((object) => {
    const renamed = { ...object, metadata: { ...metadataOf(object), name: `${ROLE}-namespaces` } };
    if (asArray(object['rules'])) return { ...renamed, rules: RULES };
    return { ...renamed, roleRef: { ...asObject(object['roleRef']), name: `${ROLE}-namespaces` } };
  });
}

function isWebhookRole(object: JsonObject): boolean {
  const { kind, name } = idOf(object);
  return name === ROLE && (kind === 'ClusterRole' || kind === 'ClusterRoleBinding');
}
