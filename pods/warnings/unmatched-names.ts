import type { PodIdentity } from '../../identity/pod-identity.ts';
import { quote, warningLine } from '../../identity/warning.ts';
import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { nearestName } from '../../lib/text/nearest-name.ts';
import { isAddedByWebhook } from './known-sidecars.ts';

/** Names that one warning shows. Only these are compared with the containers. */
const SHOWN_NAMES = 3;

export interface UnmatchedInput {
  /** The pod, as warnings name it. */
  readonly podObject: string;
  readonly identity: PodIdentity;
  /** Names of all containers of the pod. */
  readonly containers: ReadonlySet<string>;
}

/** Returns a warning for each annotation with names that no container of the pod has. */
export function unmatchedNames(input: UnmatchedInput): readonly string[] {
  return [...unmatchedLists(input), ...unmatchedRoles(input)];
}

function unmatchedLists({ podObject, identity, containers }: UnmatchedInput): readonly string[] {
  return identity.containerLists.flatMap(({ annotation, names }) => {
    const unmatched = names.filter(
      (name) => name.trim() !== '' && !containers.has(name) && !isAddedByWebhook(name),
    );
    if (unmatched.length === 0) return [];
    const problem = `annotation ${annotation} contains ${shown(unmatched)}, which ${unmatched.length > 1 ? 'match' : 'matches'} no container`;
    return [warningLine({ object: podObject, problem, remedy: remedyFor(unmatched, containers) })];
  });
}

function shown(names: readonly string[]): string {
  const more = names.length - SHOWN_NAMES;
  return `${names.slice(0, SHOWN_NAMES).map(quote).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function remedyFor(names: readonly string[], containers: ReadonlySet<string>): string {
  if (names.some((name) => name !== name.trim())) return 'write the names without white space: a,b';
  const meant = names.slice(0, SHOWN_NAMES).flatMap((name) => nearest(name, containers) ?? []);
  return meant.length > 0 ? `did you mean ${meant.join(', ')}` : 'write names of its containers';
}

/** In a short name one edit makes another name. */
function nearest(name: string, containers: Iterable<string>): string | undefined {
  return nearestName(name, [...containers], Math.min(2, Math.floor(name.length / 3)));
}

/**
 * The pods of a ServiceAccount need not have all the containers that its annotation names. But a name that is
 * nearly that of a container was probably meant for it, and then the container has the wrong role.
 */
function unmatchedRoles({ podObject, identity, containers }: UnmatchedInput): readonly string[] {
  if (identity.kind !== 'web-identity' || identity.containerRoles.length === 0) return [];
  const listed = new Set(identity.containerRoles.map(({ container }) => container));
  const unmatched = [...listed].filter((name) => !containers.has(name));
  const others = [...containers].filter((name) => !listed.has(name));
  const object = `ServiceAccount ${identity.namespace}/${identity.serviceAccountName}`;
  const key = PODROLE_ANNOTATION.containerRoles;
  const misspelt = unmatched.slice(0, SHOWN_NAMES).flatMap((name) => {
    const meant = nearest(name, others);
    if (meant === undefined) return [];
    const problem = `annotation ${key} names ${quote(name)}, which ${podObject} does not have`;
    return [warningLine({ object, problem, remedy: `did you mean ${meant}` })];
  });
  if (misspelt.length > 0 || identity.role || unmatched.length < listed.size) return misspelt;
  const problem = `no container of ${podObject} is in annotation ${key}, so none gets a role`;
  return [warningLine({ object, problem, remedy: 'name one of its containers, or add a role-arn' })];
}
