import { podsPath } from '../../../../kubernetes/core-paths.ts';
import { asObject, asText, type JsonObject, objectsOf } from '../../../../lib/json/json.ts';
import { metadataOf } from '../../../../lib/kubernetes-objects.ts';
import { compareText } from '../../../../lib/text/compare.ts';
import { nameOf } from '../../../../pods/pod-parts.ts';
import type { Reading } from '../../../facts/reading.ts';
import { type ClusterAccess, foldList } from '../read/read-cluster.ts';

/** One pod is held at a time; a namespace with more has been seen nowhere. */
const MOST_PODS = 20_000;

export type OwnerTest = (owner: string) => boolean;

/**
 * Returns the newest pod of a selection; one that runs comes before one that ends or has ended.
 * @param isOwner judges kind and name of an owner, such as `Job/web`
 * @returns `absent` if there is none
 */
export async function newestPod(
  access: ClusterAccess,
  namespace: string,
  parameters: Readonly<Record<string, string>>,
  isOwner?: OwnerTest,
): Promise<Reading<JsonObject>> {
  const found = await foldList<JsonObject | undefined>(
    access,
    {
      path: podsPath(namespace),
      needs: `list on pods in the namespace ${namespace}`,
      parameters,
      mostObjects: MOST_PODS,
    },
    undefined,
    (best, pod) => (isOwnedBy(pod, isOwner) && (!best || isBetter(podRank(pod), podRank(best))) ? pod : best),
  );
  if (found.state !== 'read') return found;
  return found.value ? { state: 'read', value: found.value } : { state: 'absent' };
}

function isOwnedBy(pod: JsonObject, isOwner: OwnerTest | undefined): boolean {
  if (!isOwner) return true;
  return objectsOf(metadataOf(pod)?.['ownerReferences']).some((each) =>
    isOwner(`${asText(each['kind'])}/${nameOf(each)}`),
  );
}

/** Parts of a pod that decide whether it is judged rather than another one. */
export interface PodRank {
  readonly isAlive: boolean;
  readonly createdAt: string;
  readonly name: string;
}

export function podRank(pod: JsonObject): PodRank {
  const metadata = metadataOf(pod);
  const phase = asText(asObject(pod['status'])?.['phase']) ?? '';
  return {
    isAlive: metadata?.['deletionTimestamp'] === undefined && phase !== 'Succeeded' && phase !== 'Failed',
    createdAt: asText(metadata?.['creationTimestamp']) ?? '',
    name: nameOf(metadata) ?? '',
  };
}

export function isBetter(a: PodRank, b: PodRank): boolean {
  if (a.isAlive !== b.isAlive) return a.isAlive;
  return (compareText(a.createdAt, b.createdAt) || compareText(a.name, b.name)) > 0;
}
