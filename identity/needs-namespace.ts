import { annotationKey } from '../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asObject } from '../lib/json/json.ts';
import { judgesRoles, type PolicySettings } from '../policy/settings.ts';
import type { IdentityInput } from './decide-identity.ts';
import { isMirrorPod } from './mirror-pod.ts';
import type { IdentitySettings } from './settings/identity-settings.ts';

export interface NamespaceNeed extends Omit<IdentityInput, 'rules' | 'random' | 'settings'> {
  readonly settings: Pick<IdentitySettings, 'annotationPrefix'> &
    Pick<PolicySettings, 'podRoleAnnotation' | 'policy' | 'rolePolicyFile'>;
}

/**
 * Returns true if `decideIdentity` must know the Namespace of the pod: its roles are judged, and it names one
 * or its ServiceAccount has one.
 */
export function needsNamespace(input: NamespaceNeed): boolean {
  const { namespace, serviceAccountName, serviceAccount, settings } = input;
  const pod = asObject(input.podAnnotations) ?? {};
  if (!judgesRoles(settings) || isMirrorPod(pod)) return false;
  if (input.containerCredentials.has(namespace, serviceAccountName)) return false;
  const own = serviceAccount?.annotations ?? {};
  const { podRoleAnnotation, annotationPrefix } = settings;
  const isNamed = podRoleAnnotation !== undefined && Object.hasOwn(pod, podRoleAnnotation);
  return (
    isNamed ||
    Boolean(own[annotationKey(annotationPrefix, 'roleArn')] || own[PODROLE_ANNOTATION.containerRoles]) ||
    input.configMap.find(namespace, serviceAccountName) !== undefined
  );
}
