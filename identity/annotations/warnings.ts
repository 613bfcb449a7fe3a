import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { quote, warningLine } from '../warning.ts';
import { CONTAINER_LIST_MAX_LENGTH } from './container-lists.ts';
import { misspeltAnnotations } from './names.ts';

/** Returns a warning for each annotation that looks like a misspelling of one of ours. */
export function misspeltWarnings(
  object: string,
  annotations: Readonly<Record<string, unknown>>,
  annotationPrefix: string,
): string[] {
  return misspeltAnnotations(Object.keys(annotations), annotationPrefix).map(({ written, meant }) => {
    const problem = `annotation ${quote(written)} has no effect`;
    return warningLine({ object, problem, remedy: `did you mean ${meant}` });
  });
}

/** Returns a warning if a name in skip-containers has white space around it: it then matches no container. */
export function unmatchedSkips(object: string, key: string, names: readonly string[]): string[] {
  const padded = names.find((name) => name !== name.trim());
  if (padded === undefined) return [];
  const problem = `annotation ${key} contains ${quote(padded)}, which matches no container`;
  return [warningLine({ object, problem, remedy: 'write the names without white space: a,b' })];
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
