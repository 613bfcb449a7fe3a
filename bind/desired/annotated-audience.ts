import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';

/**
 * Returns the audience that a ServiceAccount is annotated with; undefined if it names none.
 * @param object as the API server answers it; undefined if it does not exist
 */
export function annotatedAudience(
  object: JsonObject | undefined,
  annotationPrefix: string,
): string | undefined {
  const annotations = asObject(metadataOf(object)?.['annotations']);
  return asText(annotations?.[annotationKey(annotationPrefix, 'audience')]) || undefined;
}
