import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { quote, warningLine } from '../warning.ts';
import { CONTAINER_LIST_MAX_LENGTH, type SkipContainers } from './container-lists.ts';
import { annotationsOfPodRole, misspeltAnnotations } from './names.ts';
import { countsOn, type Place, placeOf } from './places.ts';

export interface SearchedAnnotations {
  readonly place: Place;
  readonly object: string;
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly annotationPrefix: string;
  readonly podRoleAnnotation: string | undefined;
}

/** Returns a warning for each annotation that looks like a misspelling of one of ours. */
export function misspeltWarnings({
  place,
  object,
  annotations,
  annotationPrefix,
  podRoleAnnotation,
}: SearchedAnnotations): string[] {
  const keys = Object.keys(annotations);
  const ofPod = place === 'pod' ? podRoleAnnotation : undefined;
  const ofPodRole = ofPod === undefined ? [] : annotationsOfPodRole(ofPod);
  return misspeltAnnotations(keys, annotationPrefix, ofPod).map(({ written, meant }) => {
    const problem = `annotation ${quote(written)} has no effect`;
    const counts = ofPodRole.includes(meant) || countsOn(place, meant, annotationPrefix);
    const where = counts ? '' : ` on the ${placeOf(meant, place)}`;
    return warningLine({ object, problem, remedy: `did you mean ${meant}${where}` });
  });
}

/** Returns a warning if the list of skip-containers is malformed. */
export function oddSkips(object: string, key: string, { problem }: SkipContainers): string[] {
  if (problem === undefined) return [];
  return [warningLine({ object, problem: `annotation ${key} ${problem}`, remedy: 'write NAME,NAME' })];
}

/** Returns a warning if include-containers is given and names no container. */
export function emptyInclude(object: string, names: readonly string[] | undefined): string[] {
  if (names === undefined || names.length > 0) return [];
  const key = PODROLE_ANNOTATION.includeContainers;
  const problem = `annotation ${key} names no container, so no container gets an AWS identity`;
  return [warningLine({ object, problem, remedy: 'write NAME,NAME, or remove it' })];
}

/** Returns the warning for a list of container names that is too long to be read. */
export function tooLongAnnotation(object: string, key: string): string {
  const excess = `has more than ${CONTAINER_LIST_MAX_LENGTH} characters`;
  const problem = `annotation ${key} ${excess}, and no AWS identity was injected`;
  return warningLine({ object, problem, remedy: 'write a shorter one' });
}

/** Returns the warning for a session-name annotation with an unknown value. */
export function unknownSessionName(object: string, value: string): string {
  const problem = `annotation ${PODROLE_ANNOTATION.sessionName} is ${quote(value)} and has no effect`;
  return warningLine({ object, problem, remedy: 'the only valid value is pod' });
}
