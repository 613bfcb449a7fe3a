import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { containerRolesIn } from './container-annotation.ts';

/**
 * Returns the role that a ServiceAccount's annotation names, as it is written: that of the whole pod, or that
 * of one container. Undefined if it names none, or if podrole cannot read the annotation.
 * @param object as the API server answers it; undefined if it does not exist
 */
export function annotatedRole(
  object: JsonObject | undefined,
  { annotationPrefix, container }: { annotationPrefix: string; container: string | undefined },
): string | undefined {
  const annotations = asObject(metadataOf(object)?.['annotations']);
  if (container === undefined)
    return asText(annotations?.[annotationKey(annotationPrefix, 'roleArn')]) || undefined;
  const value = asText(annotations?.[PODROLE_ANNOTATION.containerRoles]) ?? '';
  return containerRolesIn(value)?.get(container) || undefined;
}
