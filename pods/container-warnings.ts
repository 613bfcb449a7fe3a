import { warningLine } from '../identity/warning.ts';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import { type CONTAINER_LISTS, MAX_CONTAINERS, podNameForWarnings } from './pod-parts.ts';
import type { Problem } from './reconcile-containers.ts';

/** Returns a warning if a list has more containers than can get an identity. */
export function tooManyContainersWarning(
  namespace: string,
  pod: JsonObject,
  list: (typeof CONTAINER_LISTS)[number],
): string[] {
  const count = asArray(asObject(pod['spec'])?.[list])?.length ?? 0;
  if (count <= MAX_CONTAINERS) return [];
  const object = podNameForWarnings(namespace, pod);
  const excess = `those after the first ${MAX_CONTAINERS} got no AWS identity`;
  const problem = `spec.${list} has ${count} items; ${excess}`;
  return [warningLine({ object, problem, remedy: 'use several pods' })];
}

/** Returns a warning for each container that did not get all that it was to get. */
export function problemWarnings(namespace: string, pod: JsonObject, problems: readonly Problem[]): string[] {
  return problems.map(({ container, problem, missing }) =>
    warningLine({
      object: `${podNameForWarnings(namespace, pod)}, container ${container}`,
      problem: `${problem}; it got no ${missing}`,
      remedy: 'rename or move what is in the way, or list the container in skip-containers',
    }),
  );
}
