import { MIRROR_POD_ANNOTATION } from '../lib/contract/kubernetes.ts';
import type { JsonObject } from '../lib/json/json.ts';
import { type Annotated, THIS_POD } from './annotated.ts';
import { knownAnnotations } from './annotations/names.ts';
import { warningLine } from './warning.ts';

/** True for a mirror pod. It can have no identity, since the API server refuses a token volume in it. */
export function isMirrorPod(podAnnotations: JsonObject): boolean {
  return Object.hasOwn(podAnnotations, MIRROR_POD_ANNOTATION);
}

/** Returns a warning if the manifest of a static pod asks for something that podrole gives other pods. */
export function mirrorPodWarnings({
  pod,
  annotationPrefix,
  podRoleAnnotation,
}: Annotated): readonly string[] {
  const known = knownAnnotations(annotationPrefix);
  const keys = podRoleAnnotation === undefined ? known : [...known, podRoleAnnotation];
  const asked = keys.find((key) => Object.hasOwn(pod, key));
  if (asked === undefined) return [];
  const problem = `annotation ${asked} has no effect on a static pod, which can have no ServiceAccount token`;
  return [warningLine({ object: THIS_POD, problem, remedy: 'use a DaemonSet or another controller' })];
}
