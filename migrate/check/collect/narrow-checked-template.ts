import { asObject, asText, type JsonObject } from '../../../lib/json/json.ts';
import { metadataOf } from '../../../lib/kubernetes-objects.ts';
import { nameOf } from '../../../pods/pod-parts.ts';
import { templateOf, type WorkloadKind } from '../../collect/kinds.ts';
import { startsPodsItself } from '../../collect/workload-collector.ts';
import type { CheckedTemplate } from '../facts.ts';

/**
 * Returns a workload as far as a check needs it; undefined if its pods name no role, or if another workload
 * creates it.
 * @param roleAnnotation annotation by which pods name their role for the proxy
 */
export function narrowCheckedTemplate(
  kind: WorkloadKind,
  object: JsonObject,
  roleAnnotation: string,
): CheckedTemplate | undefined {
  const metadata = metadataOf(object);
  const annotations = asObject(metadataOf(templateOf(object, kind))?.['annotations']);
  const role = asText(annotations?.[roleAnnotation]);
  if (!role || !startsPodsItself(kind, object)) return undefined;
  return {
    namespace: asText(metadata?.['namespace']) ?? '',
    kind: kind.kind,
    name: nameOf(metadata) ?? '',
    role,
  };
}
