import { DEFAULT_ANNOTATION_PREFIX } from '../../../../lib/contract/aws-webhook.ts';
import { asObject, asText, type JsonObject, objectsOf } from '../../../../lib/json/json.ts';
import { metadataOf } from '../../../../lib/kubernetes-objects.ts';
import type { ServiceAccountFacts } from '../../../facts/cluster-facts.ts';
import { keptAnnotations } from './kept-annotations.ts';

/** Returns the part of a ServiceAccount on which the role of its pods depends. */
export function narrowServiceAccount(
  serviceAccount: JsonObject,
  annotationPrefix = DEFAULT_ANNOTATION_PREFIX,
): ServiceAccountFacts {
  const metadata = metadataOf(serviceAccount);
  const annotations = keptAnnotations(metadata?.['annotations'], { annotationPrefix });
  const annotatedAt = lastChangeOf(metadata, Object.keys(annotations));
  return {
    namespace: asText(metadata?.['namespace']) ?? '',
    name: asText(metadata?.['name']) ?? '',
    uid: asText(metadata?.['uid']) ?? '',
    createdAt: asText(metadata?.['creationTimestamp']) ?? '',
    annotations,
    ...(annotatedAt && { annotatedAt }),
  };
}

/**
 * Returns the latest time at which a manager of these annotations changed anything. The annotations may be
 * older, but not younger.
 */
function lastChangeOf(metadata: JsonObject | undefined, keys: readonly string[]): string | undefined {
  const times = objectsOf(metadata?.['managedFields']).flatMap((entry) => {
    const owned = asObject(asObject(asObject(entry['fieldsV1'])?.['f:metadata'])?.['f:annotations']);
    const time = asText(entry['time']);
    return time && owned && keys.some((key) => Object.hasOwn(owned, `f:${key}`)) ? [time] : [];
  });
  return times.sort().at(-1);
}
