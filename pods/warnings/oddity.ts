import { warningLine } from '../../identity/warning.ts';

/** Something in a pod or container that keeps it from its identity, or from a part of it. */
export interface Oddity {
  readonly problem: string;
  readonly remedy: string;
}

export interface ContainerOddity extends Oddity {
  readonly container: string;
}

/** Containers that one warning names. */
const SHOWN_CONTAINERS = 3;

/** Returns one warning for all containers of a pod that have the same problem. */
export function oddityWarnings(podObject: string, oddities: readonly ContainerOddity[]): readonly string[] {
  const groups = new Map<string, { readonly first: ContainerOddity; readonly containers: string[] }>();
  for (const oddity of oddities) {
    const key = `${oddity.problem}\n${oddity.remedy}`;
    const group = groups.get(key);
    if (group) group.containers.push(oddity.container);
    else groups.set(key, { first: oddity, containers: [oddity.container] });
  }
  return [...groups.values()].map(({ first: { problem, remedy }, containers }) =>
    warningLine({ object: `${podObject}, ${nameContainers(containers)}`, problem, remedy }),
  );
}

function nameContainers(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_CONTAINERS).join(', ');
  const more = names.length - SHOWN_CONTAINERS;
  return `container${names.length > 1 ? 's' : ''} ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}
