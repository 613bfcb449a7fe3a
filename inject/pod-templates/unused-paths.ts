import { asArray, asObject } from '../../lib/json/json.ts';
import { objectsIn } from '../../lib/kubernetes-objects.ts';
import { mappingOf, objectsAt } from './objects-at.ts';
import type { ToldPath } from './template-path.ts';
import { isTold } from './workloads.ts';

/** Path that a user named, and that fits none of the objects of its kind. */
export interface UnusedPath extends ToldPath {
  /** Number of the objects. */
  readonly objects: number;
}

/** Returns the paths that lead to no pod template although there are objects of their kind. */
export function unusedPaths(documents: readonly unknown[], told: readonly ToldPath[]): UnusedPath[] {
  if (told.length === 0) return [];
  const objects = documents.map(asObject).flatMap((root) => (root ? [...objectsIn(root)] : []));
  return told.flatMap((path) => {
    const ofKind = objects.filter(({ type }) => isTold(type, path));
    const isUsed = ofKind.some(({ object }) =>
      objectsAt(object, path.path, path.kind).reached.some(({ at }) =>
        asArray(mappingOf(at['spec'])?.['containers']),
      ),
    );
    return ofKind.length === 0 || isUsed ? [] : [{ ...path, objects: ofKind.length }];
  });
}
